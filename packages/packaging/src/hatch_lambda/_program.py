"""Start a program in a folder of the function, with its imports as they are."""

from __future__ import annotations

START = """\
def start():
    import sys
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import SourceFileLoader
    from posix import access
    _, task, program = sys.argv
    *folders, name = program[:-3].split("/")
    depth = len(folders)
    while depth and access("/".join([task, *folders[:depth], "__init__.py"]), 0):
        depth -= 1
    package = ".".join(folders[depth:] or folders)
    path = "/".join([task, program])
    loader = SourceFileLoader("__main__", path)
    spec = ModuleSpec(f"{package}.{name}", loader, origin=path)
    sys.argv[:] = [path]
    sys.path[0] = task
    if 0 < depth < len(folders):
        sys.path.insert(1, "/".join([task, *folders[:depth]]))
    sys.path.append("/".join([task, *folders]))
    globals().update(__file__=path, __package__=package, __loader__=loader, __spec__=spec)
    del globals()["start"]
    return loader.get_code("__main__")
exec(start())"""
"""The code of ``python -c``, with ``LAMBDA_TASK_ROOT`` and the program's path in it as arguments.

Python's own way, ``python orders/queue.py``, has the program's folder first on the path: the
package ``orders`` could not be imported, and the standard library's ``queue`` would be the program.
``python -m orders.queue`` loads the module ``runpy``, which takes as long as all imports of the
runtime. So the function's root is first, and the program's folder last; relative imports work; and
the byte code in the archive is used. Only modules that Python has loaded anyway are imported.
"""
