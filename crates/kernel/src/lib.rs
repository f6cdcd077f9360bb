//! Algorithms on plain data that know nothing of objects: text, codecs, numbers, formatting, regular expressions.

#![forbid(unsafe_code)]
