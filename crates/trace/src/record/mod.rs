//! Recording a run: the observer of the interpreter ([`recorder`]), how its values become texts ([`describe`]), what is
//! asked for ([`select`]), memory drawn ([`draw`]), and a recording from its first event to its last ([`session`]).

pub mod api;
mod counters;
pub mod describe;
pub mod draw;
mod ledger;
pub mod module;
mod progress;
mod quick;
pub mod recorder;
pub mod select;
pub mod session;
mod told;
