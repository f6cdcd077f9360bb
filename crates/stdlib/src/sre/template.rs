//! Replacement templates: literal text and groups in turn.

use super::matches::Match;
use super::substitute::Output;
use super::types;
use oriel_runtime::cells::ValueCell;
use oriel_runtime::types::bytes::Bytes;
use oriel_runtime::types::list::List;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::Subtype;
use oriel_runtime::{Body, Layout, PyResult, Ref, TypeSpec, Value, Visitor, Vm, type_flags};

/// A template.
pub(crate) struct Template {
    /// The text before the first group.
    literal: ValueCell,
    /// Each group, and the text behind it.
    items: Box<[(usize, ValueCell)]>,
}

static LAYOUT: Layout = Layout::of::<Template>("_sre.SRE_Template", None);

impl Body for Template {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.literal.visit(visitor);
        self.items.iter().for_each(|(_, literal)| literal.visit(visitor));
    }
    fn clear(&self) {
        self.literal.set(Value::NONE);
        self.items.iter().for_each(|(_, literal)| literal.set(Value::NONE));
    }
}

/// The template's type.
pub static SPEC: TypeSpec =
    TypeSpec { flags: type_flags::NO_NEW, ..TypeSpec::new("_sre.SRE_Template", Template::layout) };

/// `_sre.template`
pub(super) fn new(vm: &Vm, _: &Value, args: &[Value]) -> PyResult {
    let Some(parts) = args[1].downcast::<List>() else {
        let name = vm.type_name(&args[1]);
        return Err(vm.type_error(format!("template() argument 2 must be list, not {name}")));
    };
    let parts = parts.snapshot();
    let invalid = || vm.type_error("invalid template");
    let (literal, rest) = parts.split_first().filter(|(_, rest)| rest.len() % 2 == 0).ok_or_else(invalid)?;
    let mut items = Vec::with_capacity(rest.len() / 2);
    for pair in rest.chunks_exact(2) {
        let group = usize::try_from(vm.to_isize(&pair[0])?).map_err(|_| invalid())?;
        items.push((group, ValueCell::new(pair[1].clone())));
    }
    let template = Template { literal: ValueCell::new(literal.clone()), items: items.into() };
    Ok(vm.new_instance(&types(vm)?.template, template)?.into_value())
}

/// A template of its source text, by the library.
pub(super) fn compile(vm: &Vm, pattern: &Value, source: &Value) -> PyResult {
    let compiler = vm.import_from("re", "_compile_template")?;
    let template = match vm.call(&compiler, &[pattern.clone(), source.clone()]) {
        Ok(template) => template,
        Err(raised) => {
            // Templates that cannot be hashed, such as a bytearray, are tried again as bytes.
            let other = source.downcast::<Str>().is_none() && source.downcast::<Bytes>().is_none();
            let buffer = vm.type_of(source).slots.buffer.get().is_some();
            if !(other && buffer && vm.type_of(&raised.0).is_subtype(&vm.types.type_error)) {
                return Err(raised);
            }
            let bytes = vm.try_new_bytes(&vm.buffer(source, false)?.to_vec())?;
            vm.call(&compiler, &[pattern.clone(), bytes])?
        }
    };
    if template.downcast::<Template>().is_none() {
        let name = vm.type_name(&template);
        return Err(
            vm.runtime_error(format!("the result of compiling a replacement string is {name}, not _sre.SRE_Template"))
        );
    }
    Ok(template)
}

/// The text of a template without groups.
pub(super) fn literal(template: &Value) -> Option<Value> {
    let template = template.downcast::<Template>()?;
    template.items.is_empty().then(|| template.literal.get())
}

/// Appends a template with the groups of a match filled in.
pub(super) fn expand_to(vm: &Vm, template: &Value, matched: &Ref<Match>, out: &mut Output) -> PyResult<()> {
    let Some(template) = template.downcast::<Template>() else { return Err(vm.type_error("invalid template")) };
    out.push(vm, &template.literal.get())?;
    for (group, literal) in &template.items {
        if *group >= matched.group_count() {
            return Err(vm.index_error("no such group"));
        }
        let text = matched.text(vm, *group, &Value::NONE)?;
        if !text.is_none() {
            out.push(vm, &text)?;
        }
        out.push(vm, &literal.get())?;
    }
    Ok(())
}

/// A template with the groups of a match filled in.
pub(super) fn expand(vm: &Vm, template: &Value, matched: &Ref<Match>) -> PyResult {
    if let Some(literal) = literal(template) {
        return Ok(literal);
    }
    let bytes = template.downcast::<Template>().is_some_and(|t| t.literal.get().downcast::<Bytes>().is_some());
    let mut out = Output::new(bytes);
    expand_to(vm, template, matched, &mut out)?;
    out.finish(vm)
}
