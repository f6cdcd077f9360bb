"""What sysconfig tells about this build. The build puts the machine's name into MULTIARCH and the file's name."""

build_time_vars = {
    'ABIFLAGS': '',
    'AR': 'ar',
    'CC': 'cc',
    'EXT_SUFFIX': '.cpython-314-@MULTIARCH@.so',
    'HAVE_FORK': 1,
    'LIBDIR': '/usr/local/lib',
    'LDVERSION': '3.14',
    'MULTIARCH': '@MULTIARCH@',
    'Py_DEBUG': 0,
    'Py_ENABLE_SHARED': 0,
    'Py_GIL_DISABLED': 0,
    'SHELL': '/bin/sh',
    'SHLIB_SUFFIX': '.so',
    'SOABI': 'cpython-314-@MULTIARCH@',
    'TZPATH': '/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo',
    'VERSION': '3.14',
    'WITH_DOC_STRINGS': 1,
    'WITH_PYMALLOC': 1,
    'exec_prefix': '/usr/local',
    'prefix': '/usr/local',
}
