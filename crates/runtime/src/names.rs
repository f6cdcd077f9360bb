//! Interned strings that native code uses: attribute and method names are compared by word.

use oriel_heap::Value;

macro_rules! names {
    ($($name:ident)*) => {
        /// The interned names, each a field named as the string is.
        #[allow(non_snake_case, reason = "the fields are named as the Python names are")]
        pub struct Names { $(#[doc = concat!("`", stringify!($name), "`")] pub $name: Value,)* }

        impl Names {
            /// Interns all names with the given function.
            pub fn new(mut intern: impl FnMut(&str) -> Value) -> Names {
                Names { $($name: intern(stringify!($name).trim_start_matches("r#")),)* }
            }
        }
    };
}

names! {
    __abs__ __abstractmethods__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotate__
    __annotate_func__ __annotations__ __annotations_cache__ __args__ __await__ __bases__ __bool__ __buffer__ __build_class__ __builtins__ __bytes__ __cached__ __call__
    __cause__ __class__ __class_getitem__ __classcell__ __classdict__ __classdictcell__ __closure__ __code__ __complex__ __contains__
    __context__ __copy__ __ctypes_from_outparam__ __debug__ __deepcopy__ __defaults__ __del__ __delattr__ __delete__ __delitem__
    __dict__ __dir__ __divmod__ __doc__ __enter__ __eq__ __exit__ __file__ __firstlineno__ __float__ __floordiv__
    __format__ __fspath__ __func__ __ge__ __get__ __getattr__ __getattribute__ __getinitargs__ __getitem__ __getnewargs__
    __getnewargs_ex__ __getstate__ __globals__ __gt__ __hash__ __iadd__ __iand__ __idiv__ __ifloordiv__ __ilshift__
    __imatmul__ __imod__ __import__ __imul__ __index__ __init__ __init_subclass__ __instancecheck__ __int__ __invert__
    __ior__ __ipow__ __irshift__ __isabstractmethod__ __isub__ __iter__ __itruediv__ __ixor__ __kwdefaults__ __le__ __len__
    __length_hint__ __loader__ __lshift__ __lt__ __main__ __matmul__ __missing__ __mod__ __module__ __mro__ __mro_entries__
    __mul__ __name__ __ne__ __neg__ __new__ __newobj__ __newobj_ex__ __next__ __notes__ __or__ __orig_bases__ __orig_class__ __origin__
    __package__ __parameters__ __path__ __pos__ __pow__ __prepare__ __qualname__ __radd__ __rand__ __rdivmod__ __reduce__
    __reduce_ex__ __release_buffer__ __repr__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__
    __round__ __rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __self__ __set__ __set_name__ __setattr__
    __setitem__ __setstate__ __signature__ __sizeof__ __slotnames__ __slots__ __spec__ __static_attributes__ __str__ __sub__
    __subclasscheck__ __subclasshook__ __suppress_context__ __text_signature__ __traceback__ __truediv__ __trunc__
    __type_params__ __typing_is_unpacked_typevartuple__ __typing_prepare_subst__ __typing_subst__ __typing_unpacked_tuple_args__
    __unpacked__ __warningregistry__ __weakref__ __weakrefoffset__ __wrapped__ __xor__ __ceil__ __floor__ __objclass__ __lazy_import__
    _abc_impl _fields _attributes _initializing _uninitialized_submodules _find_and_load _handle_fromlist _check_abstract
    add append args builtins clear close closed code copy decode default dict encode encoding end errno errors exceptions excepthook
    extend fileno file filename flush fromlist get globals index insert isatty items iter items_ join key keys last_exc last_type last_traceback last_value
    level line lineno locals maxsplit metaclass mode module modules msg name name_from names newline next nt object obj offset open
    path path_hooks path_importer_cache meta_path pop popitem posix print_file_and_line read readable readall readinto readline
    real imag numerator denominator remove repr reverse sep send setdefault setstate show_warning
    showwarnmsg _showwarnmsg sort stderr stdin stdout start stop step str strict tell text throw tracebacklimit truncate update
    utf_8 value values version warn warnoptions filters defaultaction onceregistry writable write writelines displayhook breakpointhook unraisablehook
    sys threading _shutdown site argv ps1 ps2 last warnings category source message decimal string expression conversion format_spec interpolations strings
    print_ filename2 strerror characters_written end_lineno end_offset reason status_code keywords func
    fset fget fdel doc copyreg __reduce_cython__ _slotnames partial cached_property n_fields n_sequence_fields n_unnamed_fields
    setter getter deleter __all_ seek buffer raw line_buffering write_through seekable detach peek read1 readinto1 getvalue _dealloc_warn _blksize
    cr_await gi_yieldfrom ag_await gi_frame cr_frame ag_frame cr_running gi_running
    call_soon context get_debug get_loop _loop _asyncio_future_blocking add_done_callback cancel result
}
