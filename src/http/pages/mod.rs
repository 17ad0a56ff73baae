//! The pages, each rendered to a whole document that can be read without JavaScript.

mod day;
pub mod docs;
mod document;
mod form;
pub mod not_found;
pub mod page;
mod tile;
