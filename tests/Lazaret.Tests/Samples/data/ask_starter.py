"""Runs an analysis once for each folder in sys.argv[2] in the environment that its env.json says; sys.argv[1] is the analysis' program."""
import importlib.util
import json
import os
import pathlib
import sys

spec = importlib.util.spec_from_file_location("analysis", sys.argv[1])
analysis = importlib.util.module_from_spec(spec)
spec.loader.exec_module(analysis)
for folder in sorted(path for path in pathlib.Path(sys.argv[2]).iterdir() if path.is_dir()):
    os.environ.update(json.loads((folder / "env.json").read_text()))
    analysis.main()
