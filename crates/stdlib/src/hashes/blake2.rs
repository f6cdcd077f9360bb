//! `_blake2`: BLAKE2b and BLAKE2s with all their parameters.

use super::{MANY, first_input, with_input};
use crate::bodies::bind;
use oriel_kernel::bytes_ops;
use oriel_runtime::args::Signature;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, GetSetDef, Layout, MethodDef, ModuleSpec, PyResult, TypeSpec, Value, Vm, type_flags};
use std::cell::RefCell;
use std::sync::OnceLock;

/// A hash under way.
#[derive(Clone)]
enum Hasher {
    B(blake2b_simd::State),
    S(blake2s_simd::State),
}

impl Hasher {
    fn digest(&self) -> Vec<u8> {
        match self {
            Hasher::B(state) => state.finalize().as_bytes().to_vec(),
            Hasher::S(state) => state.finalize().as_bytes().to_vec(),
        }
    }
}

/// The body of a hash object.
pub struct Hash {
    hasher: RefCell<Hasher>,
    digest_size: usize,
}

static LAYOUT: Layout = Layout::of::<Hash>("blake2", None);

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
    MethodDef::one("update", update, "($self, data, /)", "Take more data in."),
];

fn is_b(vm: &Vm, this: &Value) -> PyResult<bool> {
    Ok(matches!(&*vm.body::<Hash>(this)?.hasher.borrow(), Hasher::B(_)))
}

#[rustfmt::skip]
const ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::readonly("name", |vm, this| Ok(vm.intern(if is_b(vm, this)? { "blake2b" } else { "blake2s" })), "The name of the algorithm."),
    GetSetDef::readonly("block_size", |vm, this| Ok(Value::small(if is_b(vm, this)? { 128 } else { 64 })), "Bytes of a block."),
    GetSetDef::readonly("digest_size", |vm, this| Ok(vm.new_int(vm.body::<Hash>(this)?.digest_size as i64)), "Bytes of the hash."),
];

/// The sizes that differ between the two.
struct Sizes {
    name: &'static str,
    digest: usize,
    key: usize,
    salt: usize,
    person: usize,
}

const B: Sizes = Sizes { name: "blake2b", digest: 64, key: 64, salt: 16, person: 16 };
const S: Sizes = Sizes { name: "blake2s", digest: 32, key: 32, salt: 8, person: 8 };

fn add_sizes(vm: &Vm, class: &TypeRef, sizes: &Sizes) -> PyResult<()> {
    for (name, size) in [
        ("SALT_SIZE", sizes.salt),
        ("PERSON_SIZE", sizes.person),
        ("MAX_KEY_SIZE", sizes.key),
        ("MAX_DIGEST_SIZE", sizes.digest),
    ] {
        class.namespace.set_str(&vm.intern(name), vm.new_int(size as i64));
    }
    Ok(())
}

static BLAKE2B: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "A hash object.",
    slots: |slots| slots.new.set(Some(|vm, class, args| new(vm, class, args, &B))),
    methods: METHODS,
    getset: ATTRIBUTES,
    extra: Some(|vm, class| add_sizes(vm, class, &B)),
    ..TypeSpec::new("_blake2.blake2b", Hash::layout)
};

static BLAKE2S: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "A hash object.",
    slots: |slots| slots.new.set(Some(|vm, class, args| new(vm, class, args, &S))),
    methods: METHODS,
    getset: ATTRIBUTES,
    extra: Some(|vm, class| add_sizes(vm, class, &S)),
    ..TypeSpec::new("_blake2.blake2s", Hash::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>, sizes: &Sizes) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let text = "(data=b'', *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, \
                node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)";
    let [
        data,
        digest_size,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf_size,
        node_offset,
        node_depth,
        inner,
        last,
        security,
        string,
    ] = bind(vm, &SIGNATURE, text, sizes.name, args)?;
    let number =
        |value: Option<&Value>, default: i64| value.map_or(Ok(default), |value| vm.to_i32(value).map(i64::from));
    let bytes = |value: Option<&Value>, most: usize, what: &str| -> PyResult<Vec<u8>> {
        let bytes = value.map_or(Ok(Vec::new()), |value| Ok(vm.operand(value)?.to_vec()))?;
        if bytes.len() > most {
            return Err(vm.value_error(format!("maximum {what} length is {most} bytes")));
        }
        Ok(bytes)
    };
    let digest_size = number(digest_size, sizes.digest as i64)?;
    let (fanout, depth) = (number(fanout, 1)?, number(depth, 1)?);
    let unsigned = |value: Option<&Value>, bits: u32, name: &str| -> PyResult<u64> {
        let Some(value) = value else { return Ok(0) };
        let index = vm.index(value)?;
        let number = match vm.small_or_big(&index) {
            Some(Ok(number)) => i128::from(number),
            Some(Err(big)) => i128::try_from(&big.value).unwrap_or(i128::MAX),
            None => 0,
        };
        if number < 0 {
            return Err(vm.value_error("value must be positive"));
        }
        if number >= 1 << bits {
            return Err(vm.overflow_error(format!("{name} is too large")));
        }
        Ok(number as u64)
    };
    let leaf_size = unsigned(leaf_size, 32, "leaf_size")?;
    let node_offset = unsigned(node_offset, if sizes.digest == 64 { 64 } else { 48 }, "node_offset")?;
    let (node_depth, inner) = (number(node_depth, 0)?, number(inner, 0)?);
    let last = last.map_or(Ok(false), |last| vm.truth(last))?;
    if let Some(flag) = security {
        vm.truth(flag)?;
    }
    if digest_size <= 0 || digest_size > sizes.digest as i64 {
        return Err(vm.value_error(format!(
            "digest_size for {} must be between 1 and {} bytes, here it is {digest_size}",
            if sizes.digest == 64 { "Blake2b" } else { "Blake2s" },
            sizes.digest
        )));
    }
    let (salt, person) = (bytes(salt, sizes.salt, "salt")?, bytes(person, sizes.person, "person")?);
    if !(0..=255).contains(&fanout) {
        return Err(vm.value_error("fanout must be between 0 and 255"));
    }
    if !(1..=255).contains(&depth) {
        return Err(vm.value_error("depth must be between 1 and 255"));
    }
    if !(0..=255).contains(&node_depth) {
        return Err(vm.value_error("node_depth must be between 0 and 255"));
    }
    if !(0..=sizes.digest as i64).contains(&inner) {
        return Err(vm.value_error(format!("inner_size must be between 0 and is {}", sizes.digest)));
    }
    let key = bytes(key, sizes.key, "key")?;
    let hasher = if sizes.digest == 64 {
        let mut params = blake2b_simd::Params::new();
        params.hash_length(digest_size as usize).key(&key).salt(&salt).personal(&person);
        params.fanout(fanout as u8).max_depth(depth as u8).max_leaf_length(leaf_size as u32);
        params.node_offset(node_offset).node_depth(node_depth as u8).inner_hash_length(inner as usize).last_node(last);
        Hasher::B(params.to_state())
    } else {
        let mut params = blake2s_simd::Params::new();
        params.hash_length(digest_size as usize).key(&key).salt(&salt).personal(&person);
        params.fanout(fanout as u8).max_depth(depth as u8).max_leaf_length(leaf_size as u32);
        params.node_offset(node_offset).node_depth(node_depth as u8).inner_hash_length(inner as usize).last_node(last);
        Hasher::S(params.to_state())
    };
    let body = Hash { hasher: RefCell::new(hasher), digest_size: digest_size as usize };
    let hash = vm.new_instance(class, body)?;
    if let Some(data) = first_input(vm, data, string.filter(|string| !string.is_none()))? {
        update(vm, hash.as_value(), data)?;
    }
    Ok(hash.into_value())
}

fn update(vm: &Vm, this: &Value, data: &Value) -> PyResult {
    let hash = vm.body::<Hash>(this)?;
    with_input(vm, data, |bytes| match &mut *hash.hasher.borrow_mut() {
        Hasher::B(state) => {
            state.update(bytes);
        }
        Hasher::S(state) => {
            state.update(bytes);
        }
    })?;
    Ok(Value::NONE)
}

fn copy(vm: &Vm, this: &Value) -> PyResult {
    let hash = vm.body::<Hash>(this)?;
    let body = Hash { hasher: RefCell::new(hash.hasher.borrow().clone()), digest_size: hash.digest_size };
    Ok(vm.new_instance(vm.type_of(this), body)?.into_value())
}

/// `_blake2`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_blake2",
    doc: "The hashes BLAKE2b and BLAKE2s.",
    functions: &[],
    exec: |vm, module| {
        for (spec, sizes, prefix) in [(&BLAKE2B, &B, "BLAKE2B"), (&BLAKE2S, &S, "BLAKE2S")] {
            vm.module_type(module, spec)?;
            for (name, size) in [
                ("MAX_DIGEST_SIZE", sizes.digest),
                ("MAX_KEY_SIZE", sizes.key),
                ("PERSON_SIZE", sizes.person),
                ("SALT_SIZE", sizes.salt),
            ] {
                vm.module_set(module, &format!("{prefix}_{name}"), vm.new_int(size as i64))?;
            }
        }
        vm.module_set(module, "_GIL_MINSIZE", vm.new_int(MANY))
    },
};
