//! The long-lived tasks of the process. Each is joined, so that none ends unnoticed.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

/// Tasks that should run until the server stops.
#[derive(Default)]
pub struct Tasks {
    set: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

/// Error returned when a task has panicked or ended unexpectedly.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskEnded {
    #[error("the task “{0}” panicked")]
    Panicked(&'static str),
    #[error("the task “{0}” ended by itself")]
    ByItself(&'static str),
}

impl Tasks {
    /// Spawns a task, with a name for the log.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits for the first task to end. Never returns if there are no tasks.
    pub async fn first_to_end(&mut self) -> TaskEnded {
        match self.set.join_next_with_id().await {
            Some(Ok((id, ()))) => TaskEnded::ByItself(self.name(id)),
            Some(Err(error)) => TaskEnded::Panicked(self.name(error.id())),
            None => std::future::pending().await,
        }
    }

    /// Waits for all tasks to stop. Returns an error for the first that panicked.
    pub async fn join_all(&mut self) -> Result<(), TaskEnded> {
        let mut panicked = Ok(());
        while let Some(ended) = self.set.join_next().await {
            if let Err(error) = ended.or_else(ignore_cancelled) {
                panicked = panicked.and(Err(TaskEnded::Panicked(self.name(error.id()))));
            }
        }
        panicked
    }

    fn name(&self, id: Id) -> &'static str {
        self.names.get(&id).copied().unwrap_or("unnamed")
    }
}

fn ignore_cancelled(error: JoinError) -> Result<(), JoinError> {
    if error.is_cancelled() { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_task_that_ends_is_named() {
        let mut tasks = Tasks::default();
        tasks.spawn("goes on", std::future::pending());
        tasks.spawn("ends", async {});
        assert_eq!(tasks.first_to_end().await, TaskEnded::ByItself("ends"));
        tasks.spawn("panics", async { std::panic::resume_unwind(Box::new("on purpose")) });
        assert_eq!(tasks.first_to_end().await, TaskEnded::Panicked("panics"));
    }

    #[tokio::test]
    async fn a_panic_on_the_way_out_is_not_lost() {
        let mut tasks = Tasks::default();
        tasks.spawn("ends in order", async {});
        tasks.spawn("panics", async { std::panic::resume_unwind(Box::new("on purpose")) });
        tasks.spawn("ends in order, too", async {});
        assert_eq!(tasks.join_all().await, Err(TaskEnded::Panicked("panics")));
    }
}
