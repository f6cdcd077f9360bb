//! The recorder of a run and its views.

#![forbid(unsafe_code)]
