//! The pages, each rendered to a whole document that can be read without JavaScript.

pub mod docs;
mod document;
pub mod not_found;
pub mod page;
mod tile;
