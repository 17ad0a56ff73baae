//! The pages, each rendered to a whole document, so that they read without JavaScript.

pub mod docs;
mod document;
pub mod not_found;
pub mod page;
