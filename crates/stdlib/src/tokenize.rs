//! `_tokenize`: the tokenizer as an iterator.

use crate::bodies::bind;
use oriel_runtime::args::Signature;
use oriel_runtime::cells::OptionCell;
use oriel_runtime::types::exceptions::syntax_error::SyntaxError as SyntaxErrorBody;
use oriel_runtime::types::str::Str;
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{Args, Body, Layout, ModuleSpec, PyResult, Raised, Ref, TypeSpec, Value, Visitor, Vm};
use oriel_syntax::SyntaxErrorKind;
use oriel_syntax::tokens::{TokenError, Tokens, TokensSource};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

/// `_tokenize`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_tokenize",
    doc: "The tokenizer as an iterator.",
    functions: &[],
    exec: |vm, module| {
        vm.module_type(module, &ITERATOR)?;
        Ok(())
    },
};

/// A token that outlives the source it was found in.
struct Owned {
    kind: u8,
    string: String,
    start: (u32, i32),
    end: (u32, i32),
    line: String,
}

/// The body of an iterator over tokens: the source is read at the first step.
pub struct TokenizerIter {
    readline: OptionCell,
    encoding: OptionCell,
    extra: bool,
    tokens: RefCell<std::vec::IntoIter<Result<Owned, TokenError>>>,
    started: Cell<bool>,
    /// The line that the last token came from, so that tokens of a line share one object.
    line: OptionCell,
}

static LAYOUT: Layout = Layout::of::<TokenizerIter>("_tokenize.TokenizerIter", None);

impl Body for TokenizerIter {
    const CONTAINER: bool = true;
    fn layout() -> &'static Layout {
        &LAYOUT
    }
    fn visit(&self, visitor: Visitor<'_>) {
        self.readline.visit(visitor);
        self.encoding.visit(visitor);
    }
    fn clear(&self) {
        self.readline.set(None);
    }
}

static ITERATOR: TypeSpec = TypeSpec {
    slots: |slots| {
        slots.new.set(Some(new));
        slots.iter.set(Some(|_, this| Ok(this.clone())));
        slots.next.set(Some(next));
    },
    ..TypeSpec::new("_tokenize.TokenizerIter", TokenizerIter::layout)
};

fn new(vm: &Vm, class: &TypeRef, args: Args<'_>) -> PyResult {
    static SIGNATURE: OnceLock<Signature> = OnceLock::new();
    let [readline, encoding, extra] =
        bind::<3>(vm, &SIGNATURE, "(readline, /, *, encoding=None, extra_tokens=False)", "tokenizeriter", args)?;
    let body = TokenizerIter {
        readline: OptionCell::new(readline.cloned()),
        encoding: OptionCell::new(encoding.filter(|encoding| !encoding.is_none()).cloned()),
        extra: extra.map_or(Ok(false), |extra| vm.truth(extra))?,
        tokens: RefCell::new(Vec::new().into_iter()),
        started: Cell::new(false),
        line: OptionCell::default(),
    };
    Ok(vm.new_instance(class, body)?.into_value())
}

/// All that `readline` gives, as text.
fn read_source(vm: &Vm, body: &Ref<TokenizerIter>) -> PyResult<String> {
    let Some(readline) = body.readline.take() else { return Ok(String::new()) };
    let encoding = body.encoding.get().map(|encoding| vm.str_text(&encoding));
    let mut source = String::new();
    loop {
        let line = match vm.call(&readline, &[]) {
            Ok(line) => line,
            Err(raised) if vm.raised_is(&raised, &vm.types.stop_iteration) => return Ok(source),
            Err(raised) => return Err(raised),
        };
        let text = match (&encoding, line.downcast::<Str>()) {
            (None, Some(text)) => text.to_text(),
            (Some(encoding), None) => {
                let Some(bytes) = vm.bytes_of(&line) else {
                    return Err(vm.type_error("readline() returned a non-bytes object"));
                };
                let decoded = vm.decode_slice(&bytes, encoding, None)?;
                vm.str_text(&decoded)
            }
            (Some(_), Some(_)) => return Err(vm.type_error("readline() returned a non-bytes object")),
            (None, None) => return Err(vm.type_error("readline() returned a non-string object")),
        };
        if text.is_empty() {
            return Ok(source);
        }
        source.push_str(&text);
    }
}

fn next(vm: &Vm, this: &Value) -> PyResult<Option<Value>> {
    let Some(body) = this.downcast::<TokenizerIter>() else { return Ok(None) };
    if !body.started.replace(true) {
        let source = TokensSource::new(read_source(vm, body)?);
        let tokens: Vec<_> = Tokens::new(&source, body.extra)
            .map(|token| {
                token.map(|token| Owned {
                    kind: token.kind,
                    string: token.string.to_owned(),
                    start: token.start,
                    end: token.end,
                    line: token.line.to_owned(),
                })
            })
            .collect();
        *body.tokens.borrow_mut() = tokens.into_iter();
    }
    let token = body.tokens.borrow_mut().next();
    match token {
        None => Ok(None),
        Some(Err(error)) => Err(raise(vm, &error)),
        Some(Ok(token)) => {
            let line = match body.line.get() {
                Some(line) if line.downcast::<Str>().is_some_and(|text| text.text().equals_str(&token.line)) => line,
                _ => {
                    let line = vm.new_str(&token.line);
                    body.line.set(Some(line.clone()));
                    line
                }
            };
            let place = |(row, column): (u32, i32)| vm.new_tuple(&[vm.new_uint(row.into()), Value::small(column)]);
            let parts = [
                Value::small(token.kind.into()),
                vm.new_str(&token.string),
                place(token.start),
                place(token.end),
                line,
            ];
            Ok(Some(vm.new_tuple(&parts)))
        }
    }
}

fn raise(vm: &Vm, error: &TokenError) -> Raised {
    let class = match error.kind {
        SyntaxErrorKind::Indentation => &vm.types.indentation_error,
        SyntaxErrorKind::Tab => &vm.types.tab_error,
        SyntaxErrorKind::Memory => return vm.new_exception(&vm.types.memory_error, &error.message),
        _ => &vm.types.syntax_error,
    };
    let message = vm.new_str(&error.message);
    let filename = vm.new_str("<string>");
    let Some(text) = &error.text else {
        // The place is set afterwards; the arguments do not show it.
        let raised = vm.new_exception_with(class, &[message]);
        if let Some(body) = raised.0.downcast::<SyntaxErrorBody>() {
            body.filename.set(Some(filename));
            body.lineno.set(Some(Value::small(error.lineno)));
            body.offset.set(Some(Value::small(error.offset)));
            body.end_lineno.set(Some(Value::small(error.lineno)));
        }
        return raised;
    };
    let (end_line, end_column) = match error.end {
        Some((line, column)) => (Value::small(line), Value::small(column)),
        None => (Value::NONE, Value::NONE),
    };
    let text = vm.new_str(text);
    let place = [filename, Value::small(error.lineno), Value::small(error.offset), text, end_line, end_column];
    vm.new_exception_with(class, &[message, vm.new_tuple(&place)])
}
