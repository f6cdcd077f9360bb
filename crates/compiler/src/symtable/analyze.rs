//! The second pass: from the raw facts of each block to the scope of each name.
//!
//! A block learns which names enclosing functions bind, decides on its own names, lets its children decide, and learns
//! from them which names are free. The sets a child sees are not copied: they are chains of differences.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Block, BlockId, BlockKind, Comprehension, Flags, Name, Scope, SymbolTable};
use crate::error::{CompileError, StackGuard};

type NameSet<'a> = FxHashSet<Name<'a>>;

/// The cells that a class provides without binding their names.
const CLASS_CELLS: [&str; 3] = ["__class__", "__classdict__", "__conditional_annotations__"];

/// A set of names as a difference to an outer one.
struct Chain<'p, 'a> {
    outer: Option<&'p Chain<'p, 'a>>,
    added: NameSet<'a>,
    removed: NameSet<'a>,
}

impl<'p, 'a> Chain<'p, 'a> {
    fn new(outer: Option<&'p Chain<'p, 'a>>) -> Self {
        Chain { outer, added: NameSet::default(), removed: NameSet::default() }
    }

    fn contains(&self, name: &str) -> bool {
        let mut link = Some(self);
        while let Some(chain) = link {
            if chain.added.contains(name) {
                return true;
            }
            if chain.removed.contains(name) {
                return false;
            }
            link = chain.outer;
        }
        false
    }

    fn add(&mut self, name: Name<'a>) {
        self.removed.remove(name);
        self.added.insert(name);
    }

    fn remove(&mut self, name: Name<'a>) {
        self.added.remove(name);
        if self.outer.is_some() {
            self.removed.insert(name);
        }
    }
}

/// Decides on every name of every block.
pub(super) fn analyze(table: &mut SymbolTable<'_>, guard: &StackGuard) -> Result<(), CompileError> {
    let top = table.top();
    analyze_block(table, top, None, None, None, guard).map(drop)
}

/// What analysing one block needs and gathers.
struct Decision<'p, 'a> {
    /// Names bound in enclosing functions; `None` for the module.
    bound: Option<Chain<'p, 'a>>,
    type_params: Chain<'p, 'a>,
    scopes: FxHashMap<Name<'a>, Scope>,
    local: NameSet<'a>,
    free: NameSet<'a>,
}

/// Analyses a block and those inside it; the result is the names that are free in it.
fn analyze_block<'a>(
    table: &mut SymbolTable<'a>,
    id: BlockId,
    outer_bound: Option<&Chain<'_, 'a>>,
    outer_type_params: Option<&Chain<'_, 'a>>,
    class: Option<BlockId>,
    guard: &StackGuard,
) -> Result<NameSet<'a>, CompileError> {
    guard.check()?;
    let mut decision = Decision {
        bound: outer_bound.map(|outer| Chain::new(Some(outer))),
        type_params: Chain::new(outer_type_params),
        scopes: FxHashMap::default(),
        local: NameSet::default(),
        free: NameSet::default(),
    };
    let block = table.block(id);
    let class_block = class.map(|id| table.block(id));
    for (name, flags) in &block.symbols {
        decision.analyze_name(block, name, *flags, class_block)?;
    }

    let kind = block.kind;
    let function_like = block.is_function_like();
    let sees_class = block.can_see_class_scope;
    let Decision { bound, type_params, mut scopes, local, mut free } = decision;

    // A class's own bindings are invisible in its methods, so its children see what the class itself saw.
    let new_free;
    let mut inlined_cells = NameSet::default();
    {
        let mut inner_bound;
        if kind == BlockKind::Class {
            inner_bound = Chain::new(outer_bound);
            inner_bound.added.extend(CLASS_CELLS);
        } else {
            inner_bound = Chain::new(bound.as_ref());
            if function_like {
                inner_bound.added = local;
            }
        }
        new_free = analyze_children(
            table,
            id,
            Surroundings { bound: &inner_bound, type_params: &type_params, class, sees_class },
            &mut scopes,
            &mut inlined_cells,
            guard,
        )?;
    }
    let mut new_free = new_free;

    splice_inlined_children(table, id);

    if function_like {
        for (name, scope) in &mut scopes {
            if *scope == Scope::Local && (new_free.contains(*name) || inlined_cells.contains(*name)) {
                *scope = Scope::Cell;
                new_free.remove(*name);
            }
        }
    } else if kind == BlockKind::Class {
        let block = table.block_mut(id);
        block.needs_class_closure |= new_free.remove("__class__");
        block.needs_classdict |= new_free.remove("__classdict__");
        block.has_conditional_annotations |= new_free.remove("__conditional_annotations__");
    }
    let class_like = kind == BlockKind::Class || sees_class;
    update_symbols(table.block_mut(id), &scopes, bound.as_ref(), &new_free, &inlined_cells, class_like);
    free.extend(new_free);
    Ok(free)
}

/// What the children of a block are told.
struct Surroundings<'c, 'a> {
    bound: &'c Chain<'c, 'a>,
    type_params: &'c Chain<'c, 'a>,
    class: Option<BlockId>,
    sees_class: bool,
}

fn analyze_children<'a>(
    table: &mut SymbolTable<'a>,
    id: BlockId,
    around: Surroundings<'_, 'a>,
    scopes: &mut FxHashMap<Name<'a>, Scope>,
    inlined_cells: &mut NameSet<'a>,
    guard: &StackGuard,
) -> Result<NameSet<'a>, CompileError> {
    let mut new_free = NameSet::default();
    for index in 0..table.block(id).children.len() {
        let child_id = table.block(id).children[index];
        let child = table.block(child_id);
        let child_class = match child.can_see_class_scope {
            true if table.block(id).kind == BlockKind::Class => Some(id),
            true => around.class,
            false => None,
        };
        // Comprehensions are compiled into the enclosing block, except in annotation scopes of classes.
        let inline = child.comprehension.is_some()
            && child.comprehension != Some(Comprehension::Generator)
            && !around.sees_class;
        let mut child_free =
            analyze_block(table, child_id, Some(around.bound), Some(around.type_params), child_class, guard)?;
        if inline {
            inline_comprehension(table, id, child_id, scopes, &mut child_free, inlined_cells);
            table.block_mut(child_id).comp_inlined = true;
        }
        new_free.extend(child_free);
    }
    Ok(new_free)
}

impl<'a> Decision<'_, 'a> {
    fn analyze_name(
        &mut self,
        block: &Block<'a>,
        name: Name<'a>,
        flags: Flags,
        class: Option<&Block<'a>>,
    ) -> Result<(), CompileError> {
        if flags.has(Flags::GLOBAL) {
            if flags.has(Flags::NONLOCAL) {
                return Err(directive_error(block, name, format!("name '{name}' is nonlocal and global")));
            }
            self.scopes.insert(name, Scope::GlobalExplicit);
            if let Some(bound) = &mut self.bound {
                bound.remove(name);
            }
            return Ok(());
        }
        if flags.has(Flags::NONLOCAL) {
            let Some(bound) = &self.bound else {
                let message = "nonlocal declaration not allowed at module level".to_owned();
                return Err(directive_error(block, name, message));
            };
            if !bound.contains(name) {
                return Err(directive_error(block, name, format!("no binding for nonlocal '{name}' found")));
            }
            if self.type_params.contains(name) {
                let message = format!("nonlocal binding not allowed for type parameter '{name}'");
                return Err(directive_error(block, name, message));
            }
            self.scopes.insert(name, Scope::Free);
            self.free.insert(name);
            return Ok(());
        }
        if flags.has(Flags::BOUND) {
            self.scopes.insert(name, Scope::Local);
            self.local.insert(name);
            if flags.has(Flags::TYPE_PARAM) {
                self.type_params.add(name);
            } else {
                self.type_params.remove(name);
            }
            return Ok(());
        }
        // An annotation scope in a class looks into the class first, then at globals, past enclosing functions.
        if let Some(class) = class.filter(|_| name != "__classdict__") {
            let in_class = class.symbol(name);
            if in_class.has(Flags::GLOBAL) {
                self.scopes.insert(name, Scope::GlobalExplicit);
                return Ok(());
            }
            if in_class.has(Flags::BOUND) && !in_class.has(Flags::NONLOCAL) {
                self.scopes.insert(name, Scope::GlobalImplicit);
                return Ok(());
            }
        }
        if self.bound.as_ref().is_some_and(|bound| bound.contains(name)) {
            self.scopes.insert(name, Scope::Free);
            self.free.insert(name);
        } else {
            self.scopes.insert(name, Scope::GlobalImplicit);
        }
        Ok(())
    }
}

fn directive_error(block: &Block<'_>, name: &str, message: String) -> CompileError {
    let location = block.directives.iter().find(|(declared, _)| *declared == name).map(|(_, location)| *location);
    CompileError::syntax(message, location.unwrap_or(block.location))
}

fn inline_comprehension<'a>(
    table: &mut SymbolTable<'a>,
    outer: BlockId,
    comprehension: BlockId,
    scopes: &mut FxHashMap<Name<'a>, Scope>,
    comp_free: &mut NameSet<'a>,
    inlined_cells: &mut NameSet<'a>,
) {
    let outer_kind = table.block(outer).kind;
    let symbols: Vec<(Name<'a>, Flags)> =
        table.block(comprehension).symbols.iter().map(|(name, flags)| (*name, *flags)).collect();
    let mut hidden = Vec::new();
    for (name, flags) in symbols {
        if flags.has(Flags::PARAM) {
            continue;
        }
        let mut scope = flags.scope().unwrap_or(Scope::GlobalImplicit);
        if scope == Scope::Cell || flags.has(Flags::COMP_CELL) {
            inlined_cells.insert(name);
        }
        // These are never free through a class: they mean the class being made.
        if scope == Scope::Free && outer_kind == BlockKind::Class && CLASS_CELLS.contains(&name) {
            scope = Scope::GlobalImplicit;
            if !is_free_in_any_child(table, comprehension, name) {
                comp_free.remove(name);
            }
            hidden.push(name);
        }
        match table.block(outer).symbols.get(name) {
            None => {
                table.block_mut(outer).symbols.insert(name, flags.definitions());
                scopes.insert(name, scope);
            }
            Some(existing) => {
                // What is free in the comprehension and local outside is now simply local.
                if existing.has(Flags::BOUND)
                    && outer_kind != BlockKind::Class
                    && !is_free_in_any_child(table, comprehension, name)
                {
                    comp_free.remove(name);
                }
                // A free variable of the comprehension is used outside as well now.
                if flags.has(Flags::USE)
                    && scope == Scope::Free
                    && outer_kind != BlockKind::Class
                    && let Some(existing) = table.block_mut(outer).symbols.get_mut(name)
                    && (existing.has(Flags::BOUND) || existing.has(Flags::NONLOCAL))
                {
                    *existing |= Flags::USE;
                }
            }
        }
    }
    for name in hidden {
        table.block_mut(comprehension).symbols.shift_remove(name);
    }
}

fn is_free_in_any_child(table: &SymbolTable<'_>, id: BlockId, name: &str) -> bool {
    table.block(id).children.iter().any(|child| table.block(*child).scope(name) == Some(Scope::Free))
}

fn splice_inlined_children(table: &mut SymbolTable<'_>, id: BlockId) {
    if !table.block(id).children.iter().any(|child| table.block(*child).comp_inlined) {
        return;
    }
    let children = std::mem::take(&mut table.block_mut(id).children);
    let mut spliced = Vec::with_capacity(children.len());
    for child in children {
        if table.block(child).comp_inlined {
            spliced.extend_from_slice(&table.block(child).children);
        } else {
            spliced.push(child);
        }
    }
    table.block_mut(id).children = spliced;
}

fn update_symbols<'a>(
    block: &mut Block<'a>,
    scopes: &FxHashMap<Name<'a>, Scope>,
    bound: Option<&Chain<'_, 'a>>,
    free: &NameSet<'a>,
    inlined_cells: &NameSet<'a>,
    class_like: bool,
) {
    for (name, flags) in &mut block.symbols {
        if inlined_cells.contains(name) {
            *flags |= Flags::COMP_CELL;
        }
        if let Some(scope) = scopes.get(name) {
            *flags = flags.with_scope(*scope);
        }
    }
    // Sorted, so that the order does not hang on the hash of names.
    let mut names: Vec<Name<'a>> = free.iter().copied().collect();
    names.sort_unstable();
    for name in names {
        if let Some(flags) = block.symbols.get_mut(name) {
            // Free in a method, and at the same time a name of the class.
            if class_like {
                *flags |= Flags::FREE_CLASS;
            }
        } else if bound.is_none_or(|bound| bound.contains(name)) {
            block.symbols.insert(name, Flags::default().with_scope(Scope::Free));
        }
    }
}
