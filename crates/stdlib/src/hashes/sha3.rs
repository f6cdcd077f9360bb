//! `_sha3`: SHA-3 and the extendable SHAKE.

use super::{MANY, first_input, with_input};
use crate::bodies::bind;
use oriel_kernel::bytes_ops;
use oriel_runtime::args::Signature;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Bound, GetSetDef, Layout, MethodDef, ModuleSpec, PyResult, TypeSpec, Value, Vm};
use sha3::digest::{Digest, ExtendableOutput, Update, XofReader};
use std::cell::RefCell;
use std::sync::OnceLock;

/// A hash under way.
#[derive(Clone)]
enum Hasher {
    Sha224(sha3::Sha3_224),
    Sha256(sha3::Sha3_256),
    Sha384(sha3::Sha3_384),
    Sha512(sha3::Sha3_512),
    Shake128(sha3::Shake128),
    Shake256(sha3::Shake256),
}

impl Hasher {
    /// Name, bytes of the hash, bits of the capacity, the suffix of the padding.
    fn facts(&self) -> (&'static str, usize, usize, u8) {
        match self {
            Hasher::Sha224(_) => ("sha3_224", 28, 448, 6),
            Hasher::Sha256(_) => ("sha3_256", 32, 512, 6),
            Hasher::Sha384(_) => ("sha3_384", 48, 768, 6),
            Hasher::Sha512(_) => ("sha3_512", 64, 1024, 6),
            Hasher::Shake128(_) => ("shake_128", 0, 256, 0x1f),
            Hasher::Shake256(_) => ("shake_256", 0, 512, 0x1f),
        }
    }

    fn rate(&self) -> usize {
        1600 - self.facts().2
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha224(state) => Update::update(state, bytes),
            Hasher::Sha256(state) => Update::update(state, bytes),
            Hasher::Sha384(state) => Update::update(state, bytes),
            Hasher::Sha512(state) => Update::update(state, bytes),
            Hasher::Shake128(state) => Update::update(state, bytes),
            Hasher::Shake256(state) => Update::update(state, bytes),
        }
    }

    /// The hash; that of SHAKE fills the room given.
    fn digest(&self, room: &mut [u8]) -> Option<Vec<u8>> {
        match self {
            Hasher::Sha224(state) => Some(state.clone().finalize().to_vec()),
            Hasher::Sha256(state) => Some(state.clone().finalize().to_vec()),
            Hasher::Sha384(state) => Some(state.clone().finalize().to_vec()),
            Hasher::Sha512(state) => Some(state.clone().finalize().to_vec()),
            Hasher::Shake128(state) => {
                state.clone().finalize_xof().read(room);
                None
            }
            Hasher::Shake256(state) => {
                state.clone().finalize_xof().read(room);
                None
            }
        }
    }
}

/// The body of a hash object.
pub struct Hash {
    hasher: RefCell<Hasher>,
}

static LAYOUT: Layout = Layout::of::<Hash>("sha3", None);

impl Body for Hash {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

#[rustfmt::skip]
const FIXED: &[MethodDef] = &[
    MethodDef::noargs("copy", copy, "($self, /)", "A copy of the hash object."),
    MethodDef::noargs("digest", |vm, this| vm.try_new_bytes(&fixed(vm, this)?), "($self, /)", "The hash of the data so far."),
    MethodDef::noargs("hexdigest", |vm, this| Ok(vm.new_str(&bytes_ops::hex(&fixed(vm, this)?))), "($self, /)", "The hash of the data so far, in hexadecimal digits."),
    MethodDef::one("update", update, "($self, data, /)", "Take more data in."),
];

#[rustfmt::skip]
const EXTENDABLE: &[MethodDef] = &[
    MethodDef::noargs("copy", copy, "($self, /)", "A copy of the hash object."),
    MethodDef::bound("digest", |vm, this, args| vm.try_new_bytes(&extended(vm, this, args)?), "($self, /, length)", "So many bytes of the hash of the data so far."),
    MethodDef::bound("hexdigest", |vm, this, args| Ok(vm.new_str(&bytes_ops::hex(&extended(vm, this, args)?))), "($self, /, length)", "As digest(), in hexadecimal digits."),
    MethodDef::one("update", update, "($self, data, /)", "Take more data in."),
];

#[rustfmt::skip]
const ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::readonly("block_size", |vm, this| Ok(vm.new_int(vm.body::<Hash>(this)?.hasher.borrow().rate() as i64 / 8)), "Bytes of a block."),
    GetSetDef::readonly("name", |vm, this| Ok(vm.intern(vm.body::<Hash>(this)?.hasher.borrow().facts().0)), "The name of the algorithm."),
    GetSetDef::readonly("digest_size", |vm, this| Ok(vm.new_int(vm.body::<Hash>(this)?.hasher.borrow().facts().1 as i64)), "Bytes of the hash; 0 where it has any length."),
    GetSetDef::readonly("_capacity_bits", |vm, this| Ok(vm.new_int(vm.body::<Hash>(this)?.hasher.borrow().facts().2 as i64)), "Bits of the capacity."),
    GetSetDef::readonly("_rate_bits", |vm, this| Ok(vm.new_int(vm.body::<Hash>(this)?.hasher.borrow().rate() as i64)), "Bits of the rate."),
    GetSetDef::readonly("_suffix", |vm, this| vm.try_new_bytes(&[vm.body::<Hash>(this)?.hasher.borrow().facts().3]), "The suffix of the padding."),
];

macro_rules! hash_types {
    ($($spec:ident, $name:literal, $methods:ident, $variant:ident($ty:ty);)*) => {
        $(static $spec: TypeSpec = TypeSpec {
            doc: "A hash object.",
            slots: |slots| slots.new.set(Some(|vm, class, args| make(vm, class, Hasher::$variant(<$ty>::default()), args))),
            methods: $methods,
            getset: ATTRIBUTES,
            ..TypeSpec::new($name, Hash::layout)
        };)*
        const TYPES: &[&TypeSpec] = &[$(&$spec),*];
    };
}

hash_types! {
    SHA3_224, "_sha3.sha3_224", FIXED, Sha224(sha3::Sha3_224);
    SHA3_256, "_sha3.sha3_256", FIXED, Sha256(sha3::Sha3_256);
    SHA3_384, "_sha3.sha3_384", FIXED, Sha384(sha3::Sha3_384);
    SHA3_512, "_sha3.sha3_512", FIXED, Sha512(sha3::Sha3_512);
    SHAKE_128, "_sha3.shake_128", EXTENDABLE, Shake128(sha3::Shake128);
    SHAKE_256, "_sha3.shake_256", EXTENDABLE, Shake256(sha3::Shake256);
}

fn make(vm: &Vm, class: &TypeRef, hasher: Hasher, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let text = "(data=b'', *, usedforsecurity=True, string=None)";
    let [data, security, string] = bind(vm, &SIGNATURE, text, hasher.facts().0, args)?;
    if let Some(flag) = security {
        vm.truth(flag)?;
    }
    let hash = vm.new_instance(class, Hash { hasher: RefCell::new(hasher) })?;
    if let Some(data) = first_input(vm, data, string.filter(|string| !string.is_none()))? {
        update(vm, hash.as_value(), data)?;
    }
    Ok(hash.into_value())
}

fn update(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let hash = vm.body::<Hash>(this)?;
    with_input(vm, data, |bytes| hash.hasher.borrow_mut().update(bytes))?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, this: &Value) -> PyResult {
    let hasher = vm.body::<Hash>(this)?.hasher.borrow().clone();
    Ok(vm.new_instance(vm.type_of(this), Hash { hasher: RefCell::new(hasher) })?.into_value())
}

fn fixed(vm: &Vm, this: &Value) -> PyResult<Vec<u8>> {
    Ok(vm.body::<Hash>(this)?.hasher.borrow().digest(&mut []).unwrap_or_default())
}

fn extended(vm: &Vm, this: &Value, args: &Bound<'_>) -> PyResult<Vec<u8>> {
    let length = vm.to_isize(crate::bodies::given(vm, args[0])?)?;
    if length < 0 {
        return Err(vm.value_error("value must be positive"));
    }
    if length >= 1 << 29 {
        return Err(vm.value_error("length is too large"));
    }
    let mut room = Vec::new();
    room.try_reserve_exact(length as usize).map_err(|_| vm.memory_error())?;
    room.resize(length as usize, 0);
    vm.body::<Hash>(this)?.hasher.borrow().digest(&mut room);
    Ok(room)
}

/// `_sha3`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_sha3",
    doc: "The SHA-3 hashes.",
    functions: &[],
    exec: |vm, module| {
        for spec in TYPES {
            vm.module_type(module, spec)?;
        }
        vm.module_set(module, "implementation", vm.intern("RustCrypto"))?;
        vm.module_set(module, "_GIL_MINSIZE", vm.new_int(MANY))
    },
};
