// One stream of new rates for all pages of a browser that are seen.
//
// A page says `open` when it is seen and after each of its questions, and `close` when it is hidden. It is told
// the id of each snapshot, and asks for the rates itself.

const seen = new Set();
let source;
let last;

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data === 'close') {
      seen.delete(port);
    } else if (!seen.has(port)) {
      seen.add(port);
      if (last) port.postMessage(last);
    }
    listen();
  };
};

function listen() {
  if (seen.size === 0) {
    source?.close();
    source = last = undefined;
  } else if (!source || source.readyState === EventSource.CLOSED) {
    // A browser connects again by itself to a server that is lost, and not to one that refuses.
    source = new EventSource('api/stream?data=id');
    source.addEventListener('snapshot', ({ lastEventId }) => {
      last = lastEventId;
      for (const port of seen) port.postMessage(last);
    });
  }
}
