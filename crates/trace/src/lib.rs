//! The recorder of a run and its views.
//!
//! A run is recorded as a stream of events ([`event`]) that [`writer`] puts into a file and [`reader`] reads back. What
//! the operating system knows is gathered in [`collect`]. Every view ([`view`]) is made from a recording and nothing else.

#![forbid(unsafe_code)]

pub mod clock;
pub mod collect;
mod encode;
pub mod event;
pub mod reader;
pub mod record;
pub mod stage;
pub mod view;
pub mod writer;

pub use event::{Data, Event, Val};
pub use reader::Recording;
pub use stage::Stage;
pub use writer::{Limits, Writer};
