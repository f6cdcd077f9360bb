//! What is known of files and file systems: `stat` and its kin.

use super::{OrRaise, flag, folder, given, path, path_or_fd, structs};
use oriel_runtime::native::MethodDef;
use oriel_runtime::platform::files;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "stat",
        stat,
        "($module, /, path, *, dir_fd=None, follow_symlinks=True)",
        "Return what is known of a file.",
    ),
    MethodDef::bound(
        "lstat",
        lstat,
        "($module, /, path, *, dir_fd=None)",
        "Return what is known of a file, links not followed.",
    ),
    MethodDef::bound("fstat", fstat, "($module, /, fd)", "Return what is known of an open file."),
    MethodDef::bound("statvfs", statvfs, "($module, /, path)", "Return what is known of a file system."),
    MethodDef::bound("fstatvfs", fstatvfs, "($module, fd, /)", "Return what is known of an open file's file system."),
];

/// The result object.
pub fn stat_result(vm: &Vm, stat: &libc::stat) -> PyResult {
    let times =
        [(stat.st_atime, stat.st_atime_nsec), (stat.st_mtime, stat.st_mtime_nsec), (stat.st_ctime, stat.st_ctime_nsec)];
    let mut values = Vec::with_capacity(19);
    values.push(vm.new_int(stat.st_mode.into()));
    values.push(vm.new_uint(stat.st_ino));
    values.push(vm.new_uint(stat.st_dev));
    values.push(vm.new_uint(stat.st_nlink));
    values.push(vm.new_int(stat.st_uid.into()));
    values.push(vm.new_int(stat.st_gid.into()));
    values.push(vm.new_int(stat.st_size));
    values.extend(times.iter().map(|(seconds, _)| vm.new_int(*seconds)));
    values.extend(times.iter().map(|(seconds, rest)| vm.new_float(*seconds as f64 + 1e-9 * *rest as f64)));
    values.extend(times.iter().map(|(seconds, rest)| {
        let total = i128::from(*seconds) * 1_000_000_000 + i128::from(*rest);
        match i64::try_from(total) {
            Ok(total) => vm.new_int(total),
            Err(_) => vm.new_big_int(total.into()),
        }
    }));
    values.push(vm.new_int(stat.st_blksize));
    values.push(vm.new_int(stat.st_blocks));
    values.push(vm.new_uint(stat.st_rdev));
    structs::make(vm, |structs| &structs.stat, values)
}

fn stat(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    do_stat(vm, "stat", args[0], args[1], flag(vm, args[2], true)?)
}

fn lstat(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    do_stat(vm, "lstat", args[0], args[1], false)
}

fn do_stat(vm: &Vm, function: &str, target: Option<&Value>, dir_fd: Option<&Value>, follow: bool) -> PyResult {
    let target = if function == "stat" { path_or_fd(vm, target, function)? } else { path(vm, target, function)? };
    let folder = folder(vm, dir_fd)?;
    if let Some(descriptor) = target.descriptor {
        if folder != libc::AT_FDCWD {
            return Err(vm.value_error(format!("{function}: can't specify dir_fd without matching path")));
        }
        if !follow {
            return Err(vm.value_error(format!("{function}: cannot use fd and follow_symlinks together")));
        }
        let stat = vm.told_once("fstat", Some(descriptor), String::new, |_| 0, || files::fstat(descriptor));
        return stat_result(vm, &stat.map_err(|errno| vm.path_error(errno, &target))?);
    }
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let shown = || format!("{:?}", target.as_c());
    let stat = vm.told_once(function_name(follow), None, shown, |_| 0, || files::fstatat(folder, target.as_c(), flags));
    stat_result(vm, &stat.map_err(|errno| vm.path_error(errno, &target))?)
}

fn function_name(follow: bool) -> &'static str {
    if follow { "stat" } else { "lstat" }
}

fn fstat(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = vm.to_i32(given(vm, args[0])?)?;
    let stat = vm.told_call("fstat", Some(descriptor), String::new, |_| 0, || files::fstat(descriptor))?;
    stat_result(vm, &stat.or_raise(vm)?)
}

fn statvfs_result(vm: &Vm, stat: &libc::statvfs) -> PyResult {
    let values = [
        stat.f_bsize,
        stat.f_frsize,
        stat.f_blocks,
        stat.f_bfree,
        stat.f_bavail,
        stat.f_files,
        stat.f_ffree,
        stat.f_favail,
        stat.f_flag,
        stat.f_namemax,
        stat.f_fsid,
    ];
    structs::make(vm, |structs| &structs.statvfs, values.map(|value| vm.new_uint(value)).to_vec())
}

fn statvfs(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = path_or_fd(vm, args[0], "statvfs")?;
    let stat = vm.allow_threads(|| match target.descriptor {
        Some(descriptor) => files::fstatvfs(descriptor),
        None => files::statvfs(target.as_c()),
    });
    statvfs_result(vm, &stat.map_err(|errno| vm.path_error(errno, &target))?)
}

fn fstatvfs(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let descriptor = vm.to_i32(given(vm, args[0])?)?;
    let stat = vm.system_call(|| files::fstatvfs(descriptor))?;
    statvfs_result(vm, &stat.or_raise(vm)?)
}
