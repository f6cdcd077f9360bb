//! `_lru_cache_wrapper`: a function with a memory of its results, the least recently used of which are forgotten.

use super::State;
use crate::bodies::{bind, given};
use oriel_runtime::args::Signature;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, MethodDef, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

/// A remembered call, in a ring of the calls from the least to the most recently used; number 0 is its fixed point.
struct Link {
    previous: usize,
    next: usize,
    hash: i64,
    key: Value,
    result: Value,
}

/// The body of the wrapper.
pub(super) struct Cache {
    function: Value,
    /// The most results to be kept; nothing for all.
    limit: Option<usize>,
    typed: bool,
    info: Value,
    /// From keys to results, or with a limit to numbers of links.
    known: Ref<Dict>,
    links: RefCell<Vec<Link>>,
    hits: Cell<u64>,
    misses: Cell<u64>,
}

impl Body for Cache {
    const CONTAINER: bool = true;

    fn layout() -> &'static Layout {
        static LAYOUT: Layout = Layout::of::<Cache>("functools._lru_cache_wrapper", None);
        &LAYOUT
    }

    fn visit(&self, visitor: Visitor<'_>) {
        visitor(&self.function);
        visitor(&self.info);
        visitor(self.known.as_value());
        for link in self.links.borrow().iter() {
            visitor(&link.key);
            visitor(&link.result);
        }
    }

    fn clear(&self) {
        self.forget();
    }
}

pub(super) static SPEC: TypeSpec = TypeSpec {
    flags: type_flags::DICT | type_flags::WEAKREF | type_flags::METHOD_DESCRIPTOR,
    doc: "A callable that remembers the results of a function.\n\nuser_function: the function\nmaxsize: how many results to keep, None for all, 0 for none\ntyped: whether arguments of different types are different calls\ncache_info_type: what cache_info() returns",
    slots: |slots| {
        slots.new.set(Some(new));
        slots.call.set(Some(call));
        slots.descr_get.set(Some(|vm, cache, object, _| match object {
            Some(object) if !object.is_none() => Ok(vm.new_method(cache, object)),
            _ => Ok(cache.clone()),
        }));
    },
    methods: &[
        MethodDef::noargs("cache_info", cache_info, "($self, /)", "Report hits, misses, the limit and the size."),
        MethodDef::noargs("cache_clear", cache_clear, "($self, /)", "Forget all results and the statistics."),
        MethodDef::noargs("__reduce__", |vm, cache| vm.get_attr(cache, &vm.names.__qualname__), "($self, /)", ""),
        MethodDef::args("__copy__", |_, cache, _| Ok(cache.clone()), "", ""),
        MethodDef::args("__deepcopy__", |_, cache, _| Ok(cache.clone()), "", ""),
    ],
    ..TypeSpec::new("functools._lru_cache_wrapper", Cache::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [function, limit, typed, info] =
        bind(vm, &SIGNATURE, "(user_function, maxsize, typed, cache_info_type)", "lru_cache", args)?;
    let (function, limit) = (given(vm, function)?, given(vm, limit)?);
    if vm.type_of(function).slots.call.get().is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let limit = if limit.is_none() {
        None
    } else if vm.type_of(limit).slots.nb_index.get().is_some() {
        Some(vm.to_isize(limit)?.max(0) as usize)
    } else {
        return Err(vm.type_error("maxsize should be integer or None"));
    };
    let body = Cache {
        function: function.clone(),
        limit,
        typed: vm.truth(given(vm, typed)?)?,
        info: given(vm, info)?.clone(),
        known: vm.new_dict(),
        links: RefCell::default(),
        hits: Cell::new(0),
        misses: Cell::new(0),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

/// What stands for the arguments: a lone string or integer, else a tuple of everything.
fn key_of(vm: &Vm, args: &Args<'_>, typed: bool) -> PyResult {
    if !typed && args.names.is_empty() {
        if let [only] = args.values
            && (vm.is_exact_str(only) || vm.type_of(only).is(&vm.types.int))
        {
            return Ok(only.clone());
        }
        return Ok(vm.new_tuple(args.values));
    }
    let mut parts = args.positional().to_vec();
    if !args.names.is_empty() {
        let state = vm.state::<State>();
        parts.push(state.keyword_mark.get().cloned().unwrap_or(Value::NONE));
        for (name, value) in args.keywords() {
            parts.push(name.clone());
            parts.push(value.clone());
        }
    }
    if typed {
        parts.extend(args.positional().iter().map(|value| vm.type_of(value).to_value()));
        parts.extend(args.keyword_values().iter().map(|value| vm.type_of(value).to_value()));
    }
    Ok(vm.tuple_of(parts).into_value())
}

fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

impl Cache {
    fn forget(&self) {
        let links = self.links.take();
        self.known.clear_all();
        drop(links);
    }

    /// Takes a link out of the ring and puts it at the most recent end.
    fn refresh(&self, index: usize) -> Option<Value> {
        let mut links = self.links.borrow_mut();
        let (previous, next) = links.get(index).map(|link| (link.previous, link.next))?;
        links.get_mut(previous)?.next = next;
        links.get_mut(next)?.previous = previous;
        append(&mut links, index)?;
        Some(links.get(index)?.result.clone())
    }
}

/// Puts a link that is in no ring at the most recent end.
fn append(links: &mut [Link], index: usize) -> Option<()> {
    let last = links.first()?.previous;
    links.get_mut(last)?.next = index;
    links.first_mut()?.previous = index;
    let link = links.get_mut(index)?;
    link.previous = last;
    link.next = 0;
    Some(())
}

fn call(vm: &Vm, cache: &Value, args: Args<'_>) -> PyResult {
    let body = vm.body::<Cache>(cache)?;
    let Some(limit) = body.limit else { return call_unlimited(vm, body, args) };
    if limit == 0 {
        count(&body.misses);
        return vm.call_args(&body.function, args);
    }
    let key = key_of(vm, &args, body.typed)?;
    let hash = vm.hash(&key)?;
    let link = body.known.get_hashed(vm, &key, hash)?;
    if let Some(index) = link.and_then(|link| link.as_small_int())
        && let Some(result) = body.refresh(index as usize)
    {
        count(&body.hits);
        return Ok(result);
    }
    count(&body.misses);
    let result = vm.call_args(&body.function, args)?;
    // The call may have remembered the same key.
    if body.known.get_hashed(vm, &key, hash)?.is_some() {
        return Ok(result);
    }
    let fresh = Link { previous: 0, next: 0, hash, key: key.clone(), result: result.clone() };
    let oldest = {
        let mut links = body.links.borrow_mut();
        if links.is_empty() {
            links.push(Link { previous: 0, next: 0, hash: 0, key: Value::NONE, result: Value::NONE });
        }
        if links.len() - 1 < limit {
            let index = links.len();
            links.push(fresh);
            append(&mut links, index);
            drop(links);
            return remember(vm, body, &key, hash, index, result);
        }
        let index = links.first().map_or(0, |root| root.next);
        links.get(index).map(|link| (index, link.key.clone(), link.hash))
    };
    let Some((index, old_key, old_hash)) = oldest else { return Ok(result) };
    if body.known.delete_hashed(vm, &old_key, old_hash)?.is_none() {
        // Somebody else is about to reuse the oldest link.
        return Ok(result);
    }
    let old = {
        let mut links = body.links.borrow_mut();
        let Some((previous, next)) = links.get(index).map(|link| (link.previous, link.next)) else {
            return Ok(result);
        };
        if let Some(link) = links.get_mut(previous) {
            link.next = next;
        }
        if let Some(link) = links.get_mut(next) {
            link.previous = previous;
        }
        let old = links.get_mut(index).map(|link| std::mem::replace(link, fresh));
        append(&mut links, index);
        old
    };
    let result = remember(vm, body, &key, hash, index, result);
    drop(old);
    result
}

fn remember(vm: &Vm, cache: &Cache, key: &Value, hash: i64, index: usize, result: Value) -> PyResult {
    cache.known.set_hashed(vm, key, hash, vm.new_uint(index as u64))?;
    Ok(result)
}

fn call_unlimited(vm: &Vm, body: &Cache, args: Args<'_>) -> PyResult {
    let key = key_of(vm, &args, body.typed)?;
    let hash = vm.hash(&key)?;
    if let Some(result) = body.known.get_hashed(vm, &key, hash)? {
        count(&body.hits);
        return Ok(result);
    }
    count(&body.misses);
    let result = vm.call_args(&body.function, args)?;
    body.known.set_hashed(vm, &key, hash, result.clone())?;
    Ok(result)
}

fn cache_info(vm: &Vm, cache: &Value) -> PyResult {
    let body = vm.body::<Cache>(cache)?;
    let limit = body.limit.map_or(Value::NONE, |limit| vm.new_uint(limit as u64));
    let (hits, misses) = (vm.new_uint(body.hits.get()), vm.new_uint(body.misses.get()));
    vm.call(&body.info, &[hits, misses, limit, vm.new_uint(body.known.len() as u64)])
}

fn cache_clear(vm: &Vm, cache: &Value) -> PyResult {
    let body = vm.body::<Cache>(cache)?;
    body.hits.set(0);
    body.misses.set(0);
    body.forget();
    Ok(Value::NONE)
}
