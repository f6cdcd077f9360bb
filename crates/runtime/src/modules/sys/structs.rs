//! The struct sequences of `sys`.

use crate::types::struct_sequence::{StructSpec, struct_type, struct_type_without_new};

/// `sys.version_info`
pub static VERSION_INFO: StructSpec = StructSpec {
    ty: struct_type_without_new("sys.version_info", "The version in parts."),
    fields: &[
        ("major", "Major release number"),
        ("minor", "Minor release number"),
        ("micro", "Patch release number"),
        ("releaselevel", "'alpha', 'beta', 'candidate', or 'final'"),
        ("serial", "Serial release number"),
    ],
    visible: 5,
};

/// `sys.flags`
pub static FLAGS: StructSpec = StructSpec {
    ty: struct_type_without_new("sys.flags", "What the command line and the environment asked for."),
    fields: &[
        ("debug", "-d"),
        ("inspect", "-i"),
        ("interactive", "-i"),
        ("optimize", "-O or -OO"),
        ("dont_write_bytecode", "-B"),
        ("no_user_site", "-s"),
        ("no_site", "-S"),
        ("ignore_environment", "-E"),
        ("verbose", "-v"),
        ("bytes_warning", "-b"),
        ("quiet", "-q"),
        ("hash_randomization", "-R"),
        ("isolated", "-I"),
        ("dev_mode", "-X dev"),
        ("utf8_mode", "-X utf8"),
        ("warn_default_encoding", "-X warn_default_encoding"),
        ("safe_path", "-P"),
        ("int_max_str_digits", "-X int_max_str_digits"),
        ("gil", "-X gil"),
        ("thread_inherit_context", "-X thread_inherit_context"),
        ("context_aware_warnings", "-X context_aware_warnings"),
    ],
    visible: 18,
};

/// `sys.float_info`
pub static FLOAT_INFO: StructSpec = StructSpec {
    ty: struct_type("sys.float_info", "What floats can hold."),
    fields: &[
        ("max", "the largest finite float"),
        ("max_exp", "the largest exponent of 2"),
        ("max_10_exp", "the largest exponent of 10"),
        ("min", "the smallest positive normalized float"),
        ("min_exp", "the smallest exponent of 2"),
        ("min_10_exp", "the smallest exponent of 10"),
        ("dig", "decimal digits that survive"),
        ("mant_dig", "binary digits of the mantissa"),
        ("epsilon", "the step from 1 to the next float"),
        ("radix", "the base of exponents"),
        ("rounds", "the rounding mode"),
    ],
    visible: 11,
};

/// `sys.int_info`
pub static INT_INFO: StructSpec = StructSpec {
    ty: struct_type("sys.int_info", "How integers are represented."),
    fields: &[
        ("bits_per_digit", "bits of a digit"),
        ("sizeof_digit", "bytes of a digit"),
        ("default_max_str_digits", "the limit of digits in conversions at start"),
        ("str_digits_check_threshold", "the smallest limit that can be set"),
    ],
    visible: 4,
};

/// `sys.hash_info`
pub static HASH_INFO: StructSpec = StructSpec {
    ty: struct_type("sys.hash_info", "How hashes are computed."),
    fields: &[
        ("width", "bits of a hash"),
        ("modulus", "the prime of numeric hashes"),
        ("inf", "the hash of infinity"),
        ("nan", "not used"),
        ("imag", "the multiplier of imaginary parts"),
        ("algorithm", "the algorithm of strings and bytes"),
        ("hash_bits", "bits of its result"),
        ("seed_bits", "bits of its key"),
        ("cutoff", "length of strings hashed otherwise"),
    ],
    visible: 9,
};

/// `sys.thread_info`
pub static THREAD_INFO: StructSpec = StructSpec {
    ty: struct_type("sys.thread_info", "How threads are made."),
    fields: &[("name", "the implementation"), ("lock", "how locks are made"), ("version", "the library's version")],
    visible: 3,
};

/// `UnraisableHookArgs`
pub static UNRAISABLE_HOOK_ARGS: StructSpec = StructSpec {
    ty: struct_type("UnraisableHookArgs", "What sys.unraisablehook is handed."),
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("err_msg", "Error message"),
        ("object", "Object causing the exception"),
    ],
    visible: 5,
};

/// `asyncgen_hooks`
pub static ASYNCGEN_HOOKS: StructSpec = StructSpec {
    ty: struct_type("asyncgen_hooks", "The hooks of asynchronous generators."),
    fields: &[("firstiter", "called at the first iteration"), ("finalizer", "called before collection")],
    visible: 2,
};
