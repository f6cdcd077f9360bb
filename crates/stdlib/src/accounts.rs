//! `pwd` and `grp`: the databases of users and groups.

use oriel_runtime::native::{MethodDef, ModuleSpec};
use oriel_runtime::platform::identity::{self, Group, User};
use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{PyResult, Value, Vm};
use std::cell::OnceCell;

/// `pwd`
pub static USERS: ModuleSpec = ModuleSpec {
    name: "pwd",
    doc: "The database of users.",
    functions: &[
        MethodDef::one("getpwuid", getpwuid, "($module, uidobj, /)", "Return the user of a number."),
        MethodDef::one("getpwnam", getpwnam, "($module, name, /)", "Return the user of a name."),
        MethodDef::noargs(
            "getpwall",
            |vm, _| {
                let users = identity::all_users();
                let values = users.iter().map(|user| user_object(vm, user)).collect::<PyResult<Vec<_>>>()?;
                Ok(vm.new_list(values).into_value())
            },
            "($module, /)",
            "Return all users.",
        ),
    ],
    exec: |vm, module| vm.module_set(module, "struct_passwd", types(vm)?.0),
};

/// `grp`
pub static GROUPS: ModuleSpec = ModuleSpec {
    name: "grp",
    doc: "The database of groups.",
    functions: &[
        MethodDef::bound(
            "getgrgid",
            |vm, _, args| getgrgid(vm, args[0].unwrap_or(&Value::NONE)),
            "($module, /, id)",
            "Return the group of a number.",
        ),
        MethodDef::bound(
            "getgrnam",
            |vm, _, args| getgrnam(vm, args[0].unwrap_or(&Value::NONE)),
            "($module, /, name)",
            "Return the group of a name.",
        ),
        MethodDef::noargs(
            "getgrall",
            |vm, _| {
                let groups = identity::all_groups();
                let values = groups.iter().map(|group| group_object(vm, group)).collect::<PyResult<Vec<_>>>()?;
                Ok(vm.new_list(values).into_value())
            },
            "($module, /)",
            "Return all groups.",
        ),
    ],
    exec: |vm, module| vm.module_set(module, "struct_group", types(vm)?.1),
};

static USER: StructSpec = StructSpec {
    ty: struct_type("pwd.struct_passwd", "A user."),
    fields: &[
        ("pw_name", "user name"),
        ("pw_passwd", "password"),
        ("pw_uid", "user id"),
        ("pw_gid", "group id"),
        ("pw_gecos", "real name"),
        ("pw_dir", "home directory"),
        ("pw_shell", "shell program"),
    ],
    visible: 7,
};

static GROUP: StructSpec = StructSpec {
    ty: struct_type("grp.struct_group", "A group."),
    fields: &[
        ("gr_name", "group name"),
        ("gr_passwd", "password"),
        ("gr_gid", "group id"),
        ("gr_mem", "group members"),
    ],
    visible: 4,
};

#[derive(Default)]
struct State(OnceCell<(TypeRef, TypeRef)>);

fn types(vm: &Vm) -> PyResult<(TypeRef, TypeRef)> {
    let state = vm.state::<State>();
    if let Some(types) = state.0.get() {
        return Ok(types.clone());
    }
    let types = (vm.new_struct_type(&USER)?, vm.new_struct_type(&GROUP)?);
    let _ = state.0.set(types.clone());
    Ok(types)
}

fn id(vm: &Vm, number: u32) -> Value {
    if number == u32::MAX { Value::small(-1) } else { vm.new_int(number.into()) }
}

fn user_object(vm: &Vm, user: &User) -> PyResult {
    let [name, password, comment, home, shell] = user.texts.each_ref().map(|text| vm.fs_decode(text));
    vm.new_struct(&types(vm)?.0, vec![name, password, id(vm, user.user), id(vm, user.group), comment, home, shell])
}

fn group_object(vm: &Vm, group: &Group) -> PyResult {
    let [name, password] = group.texts.each_ref().map(|text| vm.fs_decode(text));
    let members = group.members.iter().map(|member| vm.fs_decode(member)).collect();
    vm.new_struct(&types(vm)?.1, vec![name, password, id(vm, group.group), vm.new_list(members).into_value()])
}

/// A number of the databases; nothing where none can be it.
fn number(vm: &Vm, value: &Value) -> PyResult<Option<u32>> {
    match vm.small_or_big(&vm.index(value)?) {
        Some(Ok(-1)) => Ok(Some(u32::MAX)),
        Some(Ok(number)) => Ok(u32::try_from(number).ok()),
        _ => Ok(None),
    }
}

fn unknown(vm: &Vm, what: &str, shown: &str) -> oriel_runtime::Raised {
    vm.key_error(&vm.new_str(&format!("{what} not found: {shown}")))
}

fn getpwuid(vm: &Vm, _: &Value, value: &Value) -> PyResult {
    let shown = vm.repr_text(value)?;
    let Some(number) = number(vm, value)? else { return Err(unknown(vm, "getpwuid(): uid", &shown)) };
    match vm.allow_threads(|| identity::user_by_number(number)) {
        Ok(Some(user)) => user_object(vm, &user),
        Ok(None) => Err(unknown(vm, "getpwuid(): uid", &shown)),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn getpwnam(vm: &Vm, _: &Value, value: &Value) -> PyResult {
    let name = vm.fs_c_string(value)?;
    match vm.allow_threads(|| identity::user_by_name(&name)) {
        Ok(Some(user)) => user_object(vm, &user),
        Ok(None) => Err(unknown(vm, "getpwnam(): name", &vm.repr_text(value)?)),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn getgrgid(vm: &Vm, value: &Value) -> PyResult {
    let shown = vm.repr_text(value)?;
    let Some(number) = number(vm, value)? else { return Err(unknown(vm, "getgrgid(): gid", &shown)) };
    match vm.allow_threads(|| identity::group_by_number(number)) {
        Ok(Some(group)) => group_object(vm, &group),
        Ok(None) => Err(unknown(vm, "getgrgid(): gid", &shown)),
        Err(errno) => Err(vm.os_error(errno)),
    }
}

fn getgrnam(vm: &Vm, value: &Value) -> PyResult {
    let name = vm.fs_c_string(value)?;
    match vm.allow_threads(|| identity::group_by_name(&name)) {
        Ok(Some(group)) => group_object(vm, &group),
        Ok(None) => Err(unknown(vm, "getgrnam(): name", &vm.repr_text(value)?)),
        Err(errno) => Err(vm.os_error(errno)),
    }
}
