//! The hashes that have no parameters: MD5, SHA-1 and the SHA-2 family.

use super::{MANY, first_input, with_input};
use oriel_kernel::bytes_ops;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{
    Body, Bound, GetSetDef, Layout, MethodDef, ModuleSpec, PyResult, Ref, TypeSpec, Value, Vm, type_flags,
};
use sha1::digest::Digest;
use std::cell::{OnceCell, RefCell};

/// A hash under way.
#[derive(Clone)]
enum Hasher {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

/// The same for each of them.
macro_rules! each {
    ($hasher:expr, $state:ident => $body:expr) => {
        match $hasher {
            Hasher::Md5($state) => $body,
            Hasher::Sha1($state) => $body,
            Hasher::Sha224($state) => $body,
            Hasher::Sha256($state) => $body,
            Hasher::Sha384($state) => $body,
            Hasher::Sha512($state) => $body,
        }
    };
}

impl Hasher {
    fn name(&self) -> &'static str {
        match self {
            Hasher::Md5(_) => "md5",
            Hasher::Sha1(_) => "sha1",
            Hasher::Sha224(_) => "sha224",
            Hasher::Sha256(_) => "sha256",
            Hasher::Sha384(_) => "sha384",
            Hasher::Sha512(_) => "sha512",
        }
    }

    fn block_size(&self) -> i32 {
        match self {
            Hasher::Sha384(_) | Hasher::Sha512(_) => 128,
            _ => 64,
        }
    }

    fn digest(&self) -> Vec<u8> {
        each!(self, state => state.clone().finalize().to_vec())
    }
}

/// The body of a hash object.
pub struct Hash {
    hasher: RefCell<Hasher>,
}

static LAYOUT: Layout = Layout::of::<Hash>("hash", None);

impl Body for Hash {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

#[rustfmt::skip]
const METHODS: &[MethodDef] = &[
    MethodDef::noargs("copy", copy, "($self, /)", "A copy of the hash object."),
    MethodDef::noargs("digest", |vm, this| vm.try_new_bytes(&vm.body::<Hash>(this)?.hasher.borrow().digest()), "($self, /)", "The hash of the data so far."),
    MethodDef::noargs("hexdigest", |vm, this| Ok(vm.new_str(&bytes_ops::hex(&vm.body::<Hash>(this)?.hasher.borrow().digest()))), "($self, /)", "The hash of the data so far, in hexadecimal digits."),
    MethodDef::one("update", update, "($self, obj, /)", "Take more data in."),
];

#[rustfmt::skip]
const ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::readonly("block_size", |vm, this| Ok(Value::small(vm.body::<Hash>(this)?.hasher.borrow().block_size())), "Bytes of a block."),
    GetSetDef::readonly("name", |vm, this| Ok(vm.intern(vm.body::<Hash>(this)?.hasher.borrow().name())), "The name of the algorithm."),
    GetSetDef::readonly("digest_size", |vm, this| Ok(vm.new_int(vm.body::<Hash>(this)?.hasher.borrow().digest().len() as i64)), "Bytes of the hash."),
];

const fn hash_type(name: &'static str) -> TypeSpec {
    TypeSpec { flags: type_flags::NO_NEW, methods: METHODS, getset: ATTRIBUTES, ..TypeSpec::new(name, Hash::layout) }
}

static MD5_TYPE: TypeSpec = hash_type("_md5.md5");
static SHA1_TYPE: TypeSpec = hash_type("_sha1.sha1");
static SHA224_TYPE: TypeSpec = hash_type("_sha2.SHA224Type");
static SHA256_TYPE: TypeSpec = hash_type("_sha2.SHA256Type");
static SHA384_TYPE: TypeSpec = hash_type("_sha2.SHA384Type");
static SHA512_TYPE: TypeSpec = hash_type("_sha2.SHA512Type");

/// The types, made when their module is.
#[derive(Default)]
struct State {
    md5: OnceCell<TypeRef>,
    sha1: OnceCell<TypeRef>,
    sha224: OnceCell<TypeRef>,
    sha256: OnceCell<TypeRef>,
    sha384: OnceCell<TypeRef>,
    sha512: OnceCell<TypeRef>,
}

const SIGNATURE: &str = "($module, /, data=b'', *, usedforsecurity=True, string=None)";
const DOC: &str = "A new hash object.";

fn make(vm: &Vm, class: &OnceCell<TypeRef>, hasher: Hasher, args: &Bound<'_>) -> PyResult {
    let hash = vm.new_instance(crate::bodies::made(vm, class)?, Hash { hasher: RefCell::new(hasher) })?;
    if let Some(flag) = args[1] {
        vm.truth(flag)?;
    }
    if let Some(data) = first_input(vm, args[0], args[2].filter(|string| !string.is_none()))? {
        update(vm, hash.as_value(), data)?;
    }
    Ok(hash.into_value())
}

macro_rules! constructors {
    ($($function:ident: $field:ident, $variant:ident, $ty:ty;)*) => {
        $(fn $function(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
            make(vm, &vm.state::<State>().$field, Hasher::$variant(<$ty>::new()), args)
        })*
    };
}

constructors! {
    new_md5: md5, Md5, md5::Md5;
    new_sha1: sha1, Sha1, sha1::Sha1;
    new_sha224: sha224, Sha224, sha2::Sha224;
    new_sha256: sha256, Sha256, sha2::Sha256;
    new_sha384: sha384, Sha384, sha2::Sha384;
    new_sha512: sha512, Sha512, sha2::Sha512;
}

fn update(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let hash = vm.body::<Hash>(this)?;
    with_input(vm, data, |bytes| each!(&mut *hash.hasher.borrow_mut(), state => state.update(bytes)))?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, this: &Value) -> PyResult {
    let hash: &Ref<Hash> = vm.body::<Hash>(this)?;
    let hasher = hash.hasher.borrow().clone();
    Ok(vm.new_instance(vm.type_of(this), Hash { hasher: RefCell::new(hasher) })?.into_value())
}

fn add_type(vm: &Vm, module: &Value, name: &str, spec: &'static TypeSpec, cell: &OnceCell<TypeRef>) -> PyResult<()> {
    let class = vm.new_type(spec)?;
    vm.module_set(module, name, class.to_value())?;
    let _ = cell.set(class);
    vm.module_set(module, "_GIL_MINSIZE", vm.new_int(MANY))
}

/// `_md5`
pub static MD5: ModuleSpec = ModuleSpec {
    name: "_md5",
    doc: "The hash MD5.",
    functions: &[MethodDef::bound("md5", new_md5, SIGNATURE, DOC)],
    exec: |vm, module| add_type(vm, module, "MD5Type", &MD5_TYPE, &vm.state::<State>().md5),
};

/// `_sha1`
pub static SHA1: ModuleSpec = ModuleSpec {
    name: "_sha1",
    doc: "The hash SHA-1.",
    functions: &[MethodDef::bound("sha1", new_sha1, SIGNATURE, DOC)],
    exec: |vm, module| add_type(vm, module, "SHA1Type", &SHA1_TYPE, &vm.state::<State>().sha1),
};

/// `_sha2`
pub static SHA2: ModuleSpec = ModuleSpec {
    name: "_sha2",
    doc: "The SHA-2 hashes.",
    functions: &[
        MethodDef::bound("sha224", new_sha224, SIGNATURE, DOC),
        MethodDef::bound("sha256", new_sha256, SIGNATURE, DOC),
        MethodDef::bound("sha384", new_sha384, SIGNATURE, DOC),
        MethodDef::bound("sha512", new_sha512, SIGNATURE, DOC),
    ],
    exec: |vm, module| {
        let state = vm.state::<State>();
        add_type(vm, module, "SHA224Type", &SHA224_TYPE, &state.sha224)?;
        add_type(vm, module, "SHA256Type", &SHA256_TYPE, &state.sha256)?;
        add_type(vm, module, "SHA384Type", &SHA384_TYPE, &state.sha384)?;
        add_type(vm, module, "SHA512Type", &SHA512_TYPE, &state.sha512)
    },
};
