//! What another tab has changed in the browser's storage.

use leptos::prelude::Update;

use super::dom;
use crate::app::{model::Model, reader::Reader};

pub fn start(model: Model) {
    recall(model);
    dom::listen("storage", move |_| recall(model));
}

fn recall(model: Model) {
    model.reader.maybe_update(Reader::recall_favourites);
    model.reader.maybe_update(Reader::recall_alerts);
}
