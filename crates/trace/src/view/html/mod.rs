//! The self-contained page.
