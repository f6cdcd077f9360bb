//! Warnings: filters, registries and showing them; what the module `_warnings` is made of.

use crate::cells::OptionCell;
use crate::error::PyResult;
use crate::frame::FrameRef;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use std::cell::Cell;

/// The state of an interpreter's warnings.
#[derive(Default)]
pub struct Warnings {
    /// `_warnings.filters`
    pub filters: OptionCell,
    /// `_warnings._onceregistry`
    pub once_registry: OptionCell,
    /// `_warnings._defaultaction`
    pub default_action: OptionCell,
    /// `_warnings._warnings_context`: a context variable.
    pub context: OptionCell,
    /// Counts the changes of filters; registries of another version are out of date.
    pub filters_version: Cell<i64>,
    /// How often `_acquire_lock` was called without `_release_lock`.
    pub lock_depth: Cell<usize>,
}

/// What a warning is about.
pub struct Warned<'a> {
    /// The class.
    pub category: &'a TypeRef,
    /// The text, or an instance of a warning class.
    pub message: &'a Value,
    /// The file.
    pub filename: &'a Value,
    /// The line.
    pub line: i64,
    /// The module's name; none to make one from the file's.
    pub module: Option<Value>,
    /// Where it is remembered what was shown.
    pub registry: Option<Value>,
    /// The source line, where the caller knows it.
    pub source_line: Option<Value>,
    /// The object that the warning is about.
    pub source: Option<Value>,
}

/// Where a warning points to.
struct Site {
    filename: Value,
    line: i64,
    module: Value,
    registry: Value,
}

impl Vm {
    /// Issues a warning that points to the Python code so many levels up; 1 is the running frame.
    pub fn warn(&self, category: &TypeRef, message: &str, stack_level: isize) -> PyResult<()> {
        self.warn_object(category, &self.new_str(message), stack_level, None, &[])
    }

    /// As [`Vm::warn`], about an object that was not closed or the like.
    pub fn warn_about(&self, category: &TypeRef, message: &str, source: &Value, stack_level: isize) -> PyResult<()> {
        self.warn_object(category, &self.new_str(message), stack_level, Some(source.clone()), &[])
    }

    /// `warnings.warn`
    pub fn warn_object(
        &self,
        category: &TypeRef,
        message: &Value,
        stack_level: isize,
        source: Option<Value>,
        skipped: &[Value],
    ) -> PyResult<()> {
        let site = self.warning_site(stack_level, skipped)?;
        self.warn_explicit(Warned {
            category,
            message,
            filename: &site.filename,
            line: site.line,
            module: Some(site.module),
            registry: Some(site.registry),
            source_line: None,
            source,
        })
    }

    fn warning_site(&self, stack_level: isize, skipped: &[Value]) -> PyResult<Site> {
        let mut level = stack_level;
        let mut frame = self.visible_frame(0);
        let internal = frame.is_none_or(|frame| is_internal(&file_of(frame)));
        let everything = stack_level <= 0 || internal;
        while level > 1
            && let Some(current) = frame
        {
            level -= 1;
            frame = current.visible_caller();
            while !everything && let Some(outer) = frame {
                let filename = file_of(outer);
                if !is_internal(&filename) && !is_skipped(self, &filename, skipped)? {
                    break;
                }
                frame = outer.visible_caller();
            }
        }
        let (globals, filename, line) = match frame {
            Some(frame) => {
                (frame.function.globals.clone(), file_of(frame), i64::from(frame.line().unwrap_or_default()))
            }
            None => (self.sys.clone(), self.new_str("<sys>"), 0),
        };
        let registry = match globals.get_str(&self.names.__warningregistry__) {
            Some(registry) => registry,
            None => {
                let registry = self.new_dict().into_value();
                globals.set_str(&self.names.__warningregistry__, registry.clone());
                registry
            }
        };
        let module = match globals.get_str(&self.names.__name__) {
            Some(name) if name.is_none() || name.downcast::<Str>().is_some() => name,
            _ => self.new_str("<string>"),
        };
        Ok(Site { filename, line, module, registry })
    }

    /// `warnings.warn_explicit`
    pub fn warn_explicit(&self, warned: Warned<'_>) -> PyResult<()> {
        let module = match warned.module {
            Some(module) if module.is_none() => return Ok(()),
            Some(module) => module,
            None => module_of_file(self, warned.filename),
        };
        let registry = match &warned.registry {
            None => None,
            Some(registry) if registry.is_none() => None,
            Some(registry) => match registry.downcast::<Dict>() {
                Some(registry) => Some(registry.clone()),
                None => return Err(self.type_error("'registry' must be a dict or None")),
            },
        };
        let (text, message, category) = if self.is_instance_exact(warned.message, &self.types.warning) {
            let class = self.type_of(warned.message).clone();
            (self.str(warned.message)?, warned.message.clone(), class)
        } else {
            let made = self.call(warned.category.as_value(), std::slice::from_ref(warned.message))?;
            (warned.message.clone(), made, warned.category.clone())
        };
        let line = self.new_int(warned.line);
        let key = self.new_tuple(&[text.clone(), category.to_value(), line.clone()]);
        if let Some(registry) = &registry
            && self.already_warned(registry, &key, false)?
        {
            return Ok(());
        }
        let (action, item) = self.warning_action(&category, &text, warned.line, &module)?;
        match self.str_text(&action).as_str() {
            "error" => return Err(crate::error::Raised(message)),
            "ignore" => return Ok(()),
            "always" | "all" => {}
            other => {
                if let Some(registry) = &registry {
                    registry.set(self, &key, Value::TRUE)?;
                }
                let alternative = self.new_tuple(&[text.clone(), category.to_value()]);
                let done = match other {
                    "once" => {
                        let registry = match registry {
                            Some(registry) => registry,
                            None => self.once_registry()?,
                        };
                        self.already_warned(&registry, &alternative, true)?
                    }
                    "module" => match &registry {
                        Some(registry) => self.already_warned(registry, &alternative, true)?,
                        None => false,
                    },
                    "default" => false,
                    _ => {
                        let (action, item) = (self.repr_text(&action)?, self.repr_text(&item)?);
                        let text = format!("Unrecognized action ({action}) in warnings.filters:\n {item}");
                        return Err(self.runtime_error(text));
                    }
                };
                if done {
                    return Ok(());
                }
            }
        }
        self.show_warning(&category, &text, &message, warned.filename, &line, warned.source_line, warned.source)
    }

    /// Whether the registry knows the key; registries older than the last change of filters know nothing.
    fn already_warned(&self, registry: &Ref<Dict>, key: &Value, remember: bool) -> PyResult<bool> {
        let version = self.state::<Warnings>().filters_version.get();
        let known = registry.get_str(&self.names.version).and_then(|known| known.as_small_int());
        if known != Some(version) {
            registry.clear_all();
            registry.set_str(&self.names.version, self.new_int(version));
        } else if let Some(found) = registry.get(self, key)?
            && self.truth(&found)?
        {
            return Ok(true);
        }
        if remember {
            registry.set(self, key, Value::TRUE)?;
        }
        Ok(false)
    }

    /// An attribute of the module `warnings`, if that has been imported and has it.
    fn warnings_attr(&self, name: &str) -> PyResult<Option<Value>> {
        match self.modules.get_str(&self.names.warnings) {
            Some(module) if !module.is_none() => self.get_attr_opt(&module, &self.intern(name)),
            _ => Ok(None),
        }
    }

    fn once_registry(&self) -> PyResult<Ref<Dict>> {
        let registry = match self.warnings_attr("onceregistry")? {
            Some(registry) => {
                self.state::<Warnings>().once_registry.set(Some(registry.clone()));
                registry
            }
            None => self.warnings_state_once_registry(),
        };
        Ref::try_from_value(registry).map_err(|other| {
            let given = self.type_name(&other);
            self.type_error(format!("_warnings.onceregistry must be a dict, not '{given}'"))
        })
    }

    /// `_warnings._onceregistry`
    pub fn warnings_state_once_registry(&self) -> Value {
        let state = self.state::<Warnings>();
        if let Some(registry) = state.once_registry.get() {
            return registry;
        }
        let registry = self.new_dict().into_value();
        state.once_registry.set(Some(registry.clone()));
        registry
    }

    /// `_warnings.filters`, made at the first use.
    pub fn warnings_state_filters(&self) -> Value {
        let state = self.state::<Warnings>();
        if let Some(filters) = state.filters.get() {
            return filters;
        }
        let types = &self.types;
        let filter = |action: &str, category: &TypeRef, module: Value| {
            self.new_tuple(&[self.intern(action), Value::NONE, category.to_value(), module, Value::small(0)])
        };
        let filters = vec![
            filter("default", &types.deprecation_warning, self.names.__main__.clone()),
            filter("ignore", &types.deprecation_warning, Value::NONE),
            filter("ignore", &types.pending_deprecation_warning, Value::NONE),
            filter("ignore", &types.import_warning, Value::NONE),
            filter("ignore", &types.resource_warning, Value::NONE),
        ];
        let filters = self.new_list(filters).into_value();
        state.filters.set(Some(filters.clone()));
        filters
    }

    /// The filters in force: those of the context where warnings are context-aware and there are such, else the module's.
    fn warning_filters(&self) -> PyResult<Value> {
        if self.config.context_aware_warnings
            && let Some(variable) = self.state::<Warnings>().context.get()
        {
            let context = self.call_method(&variable, &self.names.get, &[Value::NONE])?;
            if !context.is_none() {
                return self.get_attr_str(&context, "_filters");
            }
        }
        match self.warnings_attr("filters")? {
            Some(filters) => {
                // Those last seen count where the module loses its own.
                self.state::<Warnings>().filters.set(Some(filters.clone()));
                Ok(filters)
            }
            None => Ok(self.warnings_state_filters()),
        }
    }

    /// The action for a warning, with the filter that says so.
    fn warning_action(&self, category: &TypeRef, text: &Value, line: i64, module: &Value) -> PyResult<(Value, Value)> {
        let filters = self.warning_filters()?;
        let Some(list) = filters.downcast::<List>() else {
            return Err(self.value_error("_warnings.filters must be a list"));
        };
        let mut index = 0;
        while let Some(item) = list.get(index) {
            let parts = item.downcast::<Tuple>().map(|tuple| tuple.items());
            let Some([action, message, class, module_pattern, filter_line]) = parts else {
                return Err(self.value_error(format!("_warnings.filters item {index} isn't a 5-tuple")));
            };
            if action.downcast::<Str>().is_none() {
                let given = self.type_name(action);
                return Err(self.type_error(format!("action must be a string, not '{given}'")));
            }
            let filter_line = self.to_isize(filter_line)? as i64;
            if self.pattern_matches(message, text)?
                && self.is_subclass(category.as_value(), class)?
                && self.pattern_matches(module_pattern, module)?
                && (filter_line == 0 || filter_line == line)
            {
                return Ok((action.clone(), item.clone()));
            }
            index += 1;
        }
        let state = self.state::<Warnings>();
        let action = match self.warnings_attr("defaultaction")? {
            Some(action) => {
                state.default_action.set(Some(action.clone()));
                action
            }
            None => state.default_action.get().unwrap_or_else(|| self.intern("default")),
        };
        if action.downcast::<Str>().is_none() {
            let given = self.type_name(&action);
            return Err(self.type_error(format!("_warnings.defaultaction must be a string, not '{given}'")));
        }
        Ok((action, Value::NONE))
    }

    /// A pattern of a filter: nothing, a text that must be equal, or a compiled regular expression.
    fn pattern_matches(&self, pattern: &Value, text: &Value) -> PyResult<bool> {
        if pattern.is_none() {
            return Ok(true);
        }
        if self.is_exact_str(pattern) {
            return Ok(match (pattern.downcast::<Str>(), text.downcast::<Str>()) {
                (Some(a), Some(b)) => a.same(b),
                _ => false,
            });
        }
        let found = self.call_method_str(pattern, "match", std::slice::from_ref(text))?;
        self.truth(&found)
    }

    #[allow(clippy::too_many_arguments, reason = "all parts of one warning, used once")]
    fn show_warning(
        &self,
        category: &TypeRef,
        text: &Value,
        message: &Value,
        filename: &Value,
        line: &Value,
        source_line: Option<Value>,
        source: Option<Value>,
    ) -> PyResult<()> {
        if source.is_some() {
            // The source is shown by the library only.
            let _ = self.catch(self.import_module("warnings"), &self.types.exception)?;
        }
        let Some(show) = self.warnings_attr("_showwarnmsg")? else {
            return self.print_warning(category, text, filename, line, source_line);
        };
        if self.type_of(&show).slots.call.get().is_none() {
            return Err(self.type_error("warnings._showwarnmsg() must be set to a callable"));
        }
        let Some(class) = self.warnings_attr("WarningMessage")? else {
            return Err(self.runtime_error("unable to get warnings.WarningMessage"));
        };
        let (source_line, source) = (source_line.unwrap_or(Value::NONE), source.unwrap_or(Value::NONE));
        let place = [filename.clone(), line.clone(), Value::NONE, source_line];
        let mut args = vec![message.clone(), category.to_value()];
        args.extend(place);
        args.push(source);
        let shown = self.call(&class, &args)?;
        self.call(&show, &[shown])?;
        Ok(())
    }

    fn print_warning(
        &self,
        category: &TypeRef,
        text: &Value,
        filename: &Value,
        line: &Value,
        source_line: Option<Value>,
    ) -> PyResult<()> {
        let Some(stream) = self.sys.get_str(&self.names.stderr).filter(|stream| !stream.is_none()) else {
            return Ok(());
        };
        let text = self.str(text)?;
        let number = line.as_small_int().unwrap_or(0);
        let (filename, name, text) = (self.str_text(filename), category.name_text(), self.str_text(&text));
        let mut shown = format!("{filename}:{number}: {name}: {text}\n");
        let given = source_line.is_some();
        let source = match source_line {
            Some(source) => Some(self.str_text(&source)),
            None => self.source_line(&filename, number),
        };
        if let Some(source) = source {
            let source = source.trim_start_matches([' ', '\t', '\u{c}']).trim_end_matches(['\n', '\r']);
            // As CPython does: a line that the caller gives is not indented.
            shown.push_str(if given { "" } else { "  " });
            shown.push_str(source);
            shown.push('\n');
        }
        self.call_method(&stream, &self.names.write, &[self.new_str(&shown)])?;
        Ok(())
    }

    /// Warns of a coroutine that was never awaited, with what the library knows of where it was made.
    pub fn warn_unawaited_coroutine(&self, coroutine: &Value, qualname: &Value) -> PyResult<()> {
        if self.importlib().is_ok() {
            let _ = self.catch(self.import_module("warnings"), &self.types.exception)?;
        }
        if let Some(warn) = self.warnings_attr("_warn_unawaited_coroutine")? {
            match self.call(&warn, std::slice::from_ref(coroutine)) {
                Ok(_) => return Ok(()),
                Err(raised) => {
                    // The warning may have been turned into an exception; another one means that nothing was said yet.
                    let said = self.raised_is(&raised, &self.types.runtime_warning);
                    self.write_unraisable(raised, Some(coroutine), "Exception ignored while finalizing coroutine");
                    if said {
                        return Ok(());
                    }
                }
            }
        }
        let name = self.str_text(qualname);
        self.warn(&self.types.runtime_warning, &format!("coroutine '{name}' was never awaited"), 1)
    }

    /// The class of a warning given to `warn`: of an instance its own.
    pub fn warning_category(&self, message: &Value, category: Option<&Value>) -> PyResult<TypeRef> {
        if self.is_instance_exact(message, &self.types.warning) {
            return Ok(self.type_of(message).clone());
        }
        let Some(category) = category.filter(|category| !category.is_none()) else {
            return Ok(self.types.user_warning.clone());
        };
        match category.downcast::<Type>() {
            Some(class) if class.is_subtype(&self.types.warning) => Ok(class.clone()),
            Some(class) => {
                let given = self.full_name(self.type_of(class.as_value()));
                Err(self.type_error(format!("category must be a Warning subclass, not '{given}'")))
            }
            None => {
                let given = self.type_name(category);
                Err(self.type_error(format!("category must be a Warning subclass, not '{given}'")))
            }
        }
    }

    /// Warns of something found at compile time; as an error it is a SyntaxError at the place.
    pub fn syntax_warning(&self, warning: &oriel_syntax::Warning, filename: &str) -> PyResult<()> {
        let file = self.new_str(filename);
        let message = self.new_str(&warning.message);
        let category = match warning.category {
            oriel_syntax::WarningCategory::Syntax => &self.types.syntax_warning,
            oriel_syntax::WarningCategory::Deprecation => &self.types.deprecation_warning,
        };
        let result = self.warn_explicit(Warned {
            category,
            message: &message,
            filename: &file,
            line: i64::from(warning.lineno),
            module: None,
            registry: None,
            source_line: None,
            source: None,
        });
        match result {
            Err(raised) if self.raised_is(&raised, category) => Err(self.raise_syntax_error(&warning.error, filename)),
            other => other,
        }
    }
}

/// `f_code.co_filename`
fn file_of(frame: FrameRef) -> Value {
    frame.function.code.get().filename.get()
}

/// Code of the import system, which warnings skip.
fn is_internal(filename: &Value) -> bool {
    let Some(text) = filename.downcast::<Str>() else { return false };
    let text = text.to_text();
    text.contains("importlib") && text.contains("_bootstrap")
}

fn is_skipped(vm: &Vm, filename: &Value, prefixes: &[Value]) -> PyResult<bool> {
    let text = vm.str_text(filename);
    for prefix in prefixes {
        if prefix.downcast::<Str>().is_none() {
            let given = vm.repr_text(prefix)?;
            return Err(vm.type_error(format!("Found non-str '{given}' in skip_file_prefixes.")));
        }
        if text.starts_with(&vm.str_text(prefix)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn module_of_file(vm: &Vm, filename: &Value) -> Value {
    let text = vm.str_text(filename);
    if text.is_empty() {
        return vm.new_str("<unknown>");
    }
    match text.strip_suffix(".py") {
        Some(stem) => vm.new_str(stem),
        None => filename.clone(),
    }
}
