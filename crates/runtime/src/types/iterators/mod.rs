//! The iterators among the builtin types that belong to no container: `enumerate`, `reversed`, `zip`, `map`,
//! `filter`, and what `iter` makes of sequences and callables.

pub mod enumerate;
pub mod filter;
pub mod reversed;
pub mod sequence;
pub mod zip;
