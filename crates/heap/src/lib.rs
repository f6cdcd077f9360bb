//! Values, the object header, the allocator, reference counts and the cycle collector.
