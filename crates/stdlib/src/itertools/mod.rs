//! `itertools`: iterators that are made of iterators.

mod chain;
mod combine;
mod group;
mod select;
mod tee;
mod together;

use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, MethodDef, ModuleSpec, PyResult, TypeSpec, Value, Vm};
use std::cell::OnceCell;

/// The module.
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "itertools",
    doc: "Iterators that are made of iterators: endless ones, selections, groups and combinations.",
    functions: &[MethodDef::positional(
        "tee",
        1,
        2,
        tee::tee,
        "($module, iterable, n=2, /)",
        "A tuple of n independent iterators over the same items.",
    )],
    exec,
};

/// The types that other types make instances of.
#[derive(Default)]
struct State {
    grouper: OnceCell<TypeRef>,
    tee: OnceCell<TypeRef>,
    tee_block: OnceCell<TypeRef>,
}

fn exec(vm: &Vm, module: &Value) -> PyResult<()> {
    let state = vm.state::<State>();
    for (spec, kept) in
        [(&group::GROUPER_SPEC, &state.grouper), (&tee::SPEC, &state.tee), (&tee::BLOCK_SPEC, &state.tee_block)]
    {
        let ty = vm.new_type(spec)?;
        publish(vm, module, spec, &ty)?;
        let _ = kept.set(ty);
    }
    let specs: [&'static TypeSpec; 19] = [
        &together::ACCUMULATE_SPEC,
        &select::BATCHED_SPEC,
        &chain::CHAIN_SPEC,
        &combine::COMBINATIONS_SPEC,
        &combine::WITH_REPLACEMENT_SPEC,
        &select::COMPRESS_SPEC,
        &chain::COUNT_SPEC,
        &chain::CYCLE_SPEC,
        &select::DROPWHILE_SPEC,
        &select::FILTERFALSE_SPEC,
        &group::GROUPBY_SPEC,
        &select::ISLICE_SPEC,
        &select::PAIRWISE_SPEC,
        &combine::PERMUTATIONS_SPEC,
        &combine::PRODUCT_SPEC,
        &chain::REPEAT_SPEC,
        &together::STARMAP_SPEC,
        &select::TAKEWHILE_SPEC,
        &together::ZIP_LONGEST_SPEC,
    ];
    for spec in specs {
        let ty = vm.new_type(spec)?;
        publish(vm, module, spec, &ty)?;
    }
    Ok(())
}

fn publish(vm: &Vm, module: &Value, spec: &TypeSpec, ty: &TypeRef) -> PyResult<()> {
    vm.module_set(module, spec.name.rsplit('.').next().unwrap_or_default(), ty.to_value())
}

/// The arguments without keywords where a subclass has an `__init__` of its own, for which they are.
fn without_foreign<'a>(vm: &Vm, class: &TypeRef, args: Args<'a>) -> Args<'a> {
    let same_init = match (class.slots.init.get(), vm.types.object.slots.init.get()) {
        (Some(own), Some(known)) => std::ptr::fn_addr_eq(own, known),
        (own, known) => own.is_none() == known.is_none(),
    };
    if same_init { args } else { Args::positional_only(args.positional()) }
}

/// The positional-only arguments of a `__new__`, with keywords refused.
fn positional<'a>(
    vm: &Vm,
    class: &TypeRef,
    name: &str,
    args: Args<'a>,
    least: usize,
    most: usize,
) -> PyResult<&'a [Value]> {
    without_foreign(vm, class, args).unpack(vm, name, least, most)
}
