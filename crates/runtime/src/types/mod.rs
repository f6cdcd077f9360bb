//! The builtin types: one list that makes the table of them, in the order in which they are completed.

pub mod bytes;
pub mod cell;
pub mod code;
pub mod complex;
pub mod descriptors;
pub mod dict;
pub mod exceptions;
pub mod float;
pub mod frame_object;
pub mod function;
pub mod generator;
pub mod generics;
pub mod int;
pub mod iterators;
pub mod list;
pub mod mapping_proxy;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod namespace;
pub mod native_function;
pub mod object;
pub mod property;
pub mod range;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod slot_functions;
pub mod str;
pub mod struct_sequence;
pub mod super_object;
pub mod support;
mod table_cell;
pub mod template;
pub mod traceback;
pub mod tuple;
pub mod type_dict;
pub mod type_methods;
pub mod type_new;
pub mod type_object;
pub mod type_ready;
pub mod type_slots;
pub mod weakproxy;
pub mod weakref;

use crate::native::TypeSpec;
use oriel_heap::Heap;
use type_object::TypeRef;

macro_rules! builtin_types {
    ($($field:ident: $spec:expr,)*) => {
        /// The builtin types of an interpreter.
        pub struct Types { $(#[doc = concat!("`", stringify!($field), "`")] pub $field: TypeRef,)* }

        impl Types {
            /// Allocates all types, without content: [`crate::bootstrap`] completes them.
            pub(crate) fn allocate(heap: &Heap) -> Types {
                let root = type_ready::allocate_root(heap, &type_methods::SPEC);
                $(let $field = if std::ptr::eq(&$spec, &type_methods::SPEC) {
                    root.clone()
                } else {
                    type_ready::allocate(heap, &root, &$spec)
                };)*
                Types { $($field,)* }
            }

            /// Every type with its declaration.
            pub(crate) fn each(&self, mut function: impl FnMut(&TypeRef, &'static TypeSpec)) {
                $(function(&self.$field, &$spec);)*
            }
        }
    };
}

builtin_types! {
    object: object::SPEC,
    type_: type_methods::SPEC,
    str: str::SPEC,
    dict: dict::SPEC,
    tuple: tuple::SPEC,
    list: list::SPEC,
    str_iterator: str::iterator::SPEC,
    str_ascii_iterator: str::iterator::ASCII_SPEC,
    template: template::TEMPLATE,
    interpolation: template::INTERPOLATION,
    template_iterator: template::ITERATOR,
    bytes: bytes::SPEC,
    bytearray: bytes::array::SPEC,
    memoryview: memoryview::SPEC,
    managed_buffer: memoryview::MANAGED_SPEC,
    buffer_wrapper: memoryview::wrapped::SPEC,
    bytes_iterator: bytes::iterators::BYTES_SPEC,
    bytearray_iterator: bytes::iterators::ARRAY_SPEC,
    memory_iterator: memoryview::iterator::SPEC,
    int: int::SPEC,
    bool: singletons::BOOL_SPEC,
    float: float::SPEC,
    complex: complex::SPEC,
    none_type: singletons::NONE_SPEC,
    not_implemented_type: singletons::NOT_IMPLEMENTED_SPEC,
    ellipsis: singletons::ELLIPSIS_SPEC,
    native_function: native_function::SPEC,
    method_descriptor: native_function::DESCRIPTOR_SPEC,
    class_method_descriptor: native_function::CLASS_DESCRIPTOR_SPEC,
    getset_descriptor: descriptors::GETSET_SPEC,
    member_descriptor: descriptors::MEMBER_SPEC,
    wrapper_descriptor: descriptors::WRAPPER_SPEC,
    method_wrapper: descriptors::METHOD_WRAPPER_SPEC,
    weak_reference: weakref::SPEC,
    weak_proxy: weakproxy::SPEC,
    weak_callable_proxy: weakproxy::CALLABLE_SPEC,
    method: method::SPEC,
    function: function::SPEC,
    code: code::SPEC,
    cell: cell::SPEC,
    frame: frame_object::SPEC,
    frame_locals_proxy: frame_object::locals::SPEC,
    traceback: traceback::SPEC,
    generator: generator::methods::SPEC,
    coroutine: generator::coroutine::SPEC,
    coroutine_wrapper: generator::awaitables::WRAPPER_SPEC,
    async_generator: generator::async_generator::SPEC,
    async_generator_wrapped_value: generator::async_generator::WRAPPED_SPEC,
    async_generator_asend: generator::awaitables::ASEND_SPEC,
    async_generator_athrow: generator::awaitables::ATHROW_SPEC,
    anext_awaitable: generator::awaitables::ANEXT_SPEC,
    property: property::SPEC,
    class_method: property::CLASS_METHOD_SPEC,
    static_method: property::STATIC_METHOD_SPEC,
    super_type: super_object::SPEC,
    module: module::SPEC,
    struct_member: struct_sequence::MEMBER_SPEC,
    base_exception: exceptions::BASE_SPEC,
    exception: exceptions::simple::EXCEPTION,
    type_error: exceptions::simple::TYPE_ERROR,
    value_error: exceptions::simple::VALUE_ERROR,
    index_error: exceptions::simple::INDEX_ERROR,
    lookup_error: exceptions::simple::LOOKUP_ERROR,
    key_error: exceptions::simple::KEY_ERROR,
    arithmetic_error: exceptions::simple::ARITHMETIC_ERROR,
    overflow_error: exceptions::simple::OVERFLOW_ERROR,
    zero_division_error: exceptions::simple::ZERO_DIVISION_ERROR,
    floating_point_error: exceptions::simple::FLOATING_POINT_ERROR,
    runtime_error: exceptions::simple::RUNTIME_ERROR,
    recursion_error: exceptions::simple::RECURSION_ERROR,
    not_implemented_error: exceptions::simple::NOT_IMPLEMENTED_ERROR,
    python_finalization_error: exceptions::simple::PYTHON_FINALIZATION_ERROR,
    system_error: exceptions::simple::SYSTEM_ERROR,
    memory_error: exceptions::simple::MEMORY_ERROR,
    buffer_error: exceptions::simple::BUFFER_ERROR,
    eof_error: exceptions::simple::EOF_ERROR,
    reference_error: exceptions::simple::REFERENCE_ERROR,
    assertion_error: exceptions::simple::ASSERTION_ERROR,
    stop_async_iteration: exceptions::simple::STOP_ASYNC_ITERATION,
    generator_exit: exceptions::simple::GENERATOR_EXIT,
    keyboard_interrupt: exceptions::simple::KEYBOARD_INTERRUPT,
    warning: exceptions::simple::WARNING,
    deprecation_warning: exceptions::simple::DEPRECATION_WARNING,
    pending_deprecation_warning: exceptions::simple::PENDING_DEPRECATION_WARNING,
    runtime_warning: exceptions::simple::RUNTIME_WARNING,
    syntax_warning: exceptions::simple::SYNTAX_WARNING,
    user_warning: exceptions::simple::USER_WARNING,
    future_warning: exceptions::simple::FUTURE_WARNING,
    import_warning: exceptions::simple::IMPORT_WARNING,
    unicode_warning: exceptions::simple::UNICODE_WARNING,
    bytes_warning: exceptions::simple::BYTES_WARNING,
    resource_warning: exceptions::simple::RESOURCE_WARNING,
    encoding_warning: exceptions::simple::ENCODING_WARNING,
    attribute_error: exceptions::attribute::ATTRIBUTE_ERROR,
    name_error: exceptions::attribute::NAME_ERROR,
    unbound_local_error: exceptions::attribute::UNBOUND_LOCAL_ERROR,
    import_error: exceptions::attribute::IMPORT_ERROR,
    module_not_found_error: exceptions::attribute::MODULE_NOT_FOUND_ERROR,
    stop_iteration: exceptions::attribute::STOP_ITERATION,
    system_exit: exceptions::attribute::SYSTEM_EXIT,
    os_error: exceptions::os_error::OS_ERROR,
    blocking_io_error: exceptions::os_error::BLOCKING_IO_ERROR,
    child_process_error: exceptions::os_error::CHILD_PROCESS_ERROR,
    connection_error: exceptions::os_error::CONNECTION_ERROR,
    broken_pipe_error: exceptions::os_error::BROKEN_PIPE_ERROR,
    connection_aborted_error: exceptions::os_error::CONNECTION_ABORTED_ERROR,
    connection_refused_error: exceptions::os_error::CONNECTION_REFUSED_ERROR,
    connection_reset_error: exceptions::os_error::CONNECTION_RESET_ERROR,
    file_exists_error: exceptions::os_error::FILE_EXISTS_ERROR,
    file_not_found_error: exceptions::os_error::FILE_NOT_FOUND_ERROR,
    interrupted_error: exceptions::os_error::INTERRUPTED_ERROR,
    is_a_directory_error: exceptions::os_error::IS_A_DIRECTORY_ERROR,
    not_a_directory_error: exceptions::os_error::NOT_A_DIRECTORY_ERROR,
    permission_error: exceptions::os_error::PERMISSION_ERROR,
    process_lookup_error: exceptions::os_error::PROCESS_LOOKUP_ERROR,
    timeout_error: exceptions::os_error::TIMEOUT_ERROR,
    syntax_error: exceptions::syntax_error::SYNTAX_ERROR,
    indentation_error: exceptions::syntax_error::INDENTATION_ERROR,
    tab_error: exceptions::syntax_error::TAB_ERROR,
    incomplete_input_error: exceptions::syntax_error::INCOMPLETE_INPUT_ERROR,
    unicode_error: exceptions::simple::UNICODE_ERROR,
    unicode_encode_error: exceptions::unicode::UNICODE_ENCODE_ERROR,
    unicode_decode_error: exceptions::unicode::UNICODE_DECODE_ERROR,
    unicode_translate_error: exceptions::unicode::UNICODE_TRANSLATE_ERROR,
    base_exception_group: exceptions::group::BASE_EXCEPTION_GROUP,
    exception_group: exceptions::group::EXCEPTION_GROUP,
    slice: slice::SPEC,
    range: range::SPEC,
    range_iterator: range::ITERATOR_SPEC,
    big_range_iterator: range::BIG_ITERATOR_SPEC,
    set: set::SPEC,
    frozenset: set::FROZEN_SPEC,
    set_iterator: set::ITERATOR_SPEC,
    list_iterator: list::ITERATOR_SPEC,
    list_reverse_iterator: list::REVERSE_ITERATOR_SPEC,
    tuple_iterator: tuple::ITERATOR_SPEC,
    dict_keys: dict::KEYS_SPEC,
    dict_items: dict::ITEMS_SPEC,
    dict_values: dict::VALUES_SPEC,
    dict_key_iterator: dict::KEY_ITERATOR_SPEC,
    dict_value_iterator: dict::VALUE_ITERATOR_SPEC,
    dict_item_iterator: dict::ITEM_ITERATOR_SPEC,
    dict_reverse_key_iterator: dict::REVERSE_KEY_ITERATOR_SPEC,
    dict_reverse_value_iterator: dict::REVERSE_VALUE_ITERATOR_SPEC,
    dict_reverse_item_iterator: dict::REVERSE_ITEM_ITERATOR_SPEC,
    enumerate: iterators::enumerate::SPEC,
    reversed: iterators::reversed::SPEC,
    zip: iterators::zip::ZIP_SPEC,
    map: iterators::zip::MAP_SPEC,
    filter: iterators::filter::SPEC,
    sequence_iterator: iterators::sequence::SEQUENCE_SPEC,
    callable_iterator: iterators::sequence::CALLABLE_SPEC,
    simple_namespace: namespace::SPEC,
    mapping_proxy: mapping_proxy::SPEC,
    generic_alias: generics::alias::SPEC,
    generic_alias_iterator: generics::alias::ITERATOR_SPEC,
    union: generics::union::SPEC,
}
