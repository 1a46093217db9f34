"""What honest code does works: the sandbox refuses attacks, not work."""

import pytest

from tests.interpreter.conftest import Bench

WORK = {
    "threads": """
import threading
t = threading.Thread(target=lambda: print('here'))
t.start()
t.join()
""",
    "a pool of threads": """
from concurrent.futures import ThreadPoolExecutor
assert list(ThreadPoolExecutor(4).map(abs, [-1, 2])) == [1, 2]
""",
    "asyncio": """
import asyncio
async def f():
    await asyncio.sleep(0)
    return 5
assert asyncio.run(f()) == 5
""",
    "sqlite": """
import sqlite3
c = sqlite3.connect('/mnt/data/a.db')
c.execute('create table t (x)')
c.execute('insert into t values (1)')
c.commit()
assert c.execute('select x from t').fetchall() == [(1,)]
""",
    "copies": """
import shutil
open('/mnt/data/a', 'w').write('x')
shutil.copy('/mnt/data/a', '/mnt/data/b')
shutil.copy2('/mnt/data/a', '/mnt/data/c')
shutil.copytree('/mnt/data/.', '/mnt/data/d', ignore=shutil.ignore_patterns('.*', 'd'), dirs_exist_ok=True)
""",
    "touching": """
from pathlib import Path
Path('/mnt/data/new').touch()
assert Path('/mnt/data/new').exists()
""",
    "renaming": """
import os
open('/mnt/data/x1', 'w').close()
os.rename('/mnt/data/x1', '/mnt/data/x2')
assert os.path.exists('x2')
""",
    "folders": """
import os
os.makedirs('/mnt/data/p/q', exist_ok=True)
open('/mnt/data/p/q/f', 'w').write('x')
assert [f for _, _, fs in os.walk('/mnt/data/p') for f in fs] == ['f']
""",
    "temporary files": """
import tempfile
with tempfile.TemporaryDirectory() as d, tempfile.NamedTemporaryFile() as f:
    f.write(b'x')
""",
    "archives": """
import zipfile, tarfile
with zipfile.ZipFile('/mnt/data/a.zip', 'w') as z: z.writestr('a', 'x')
with tarfile.open('/mnt/data/a.tar.gz', 'w:gz') as t: t.add('/mnt/data/a.zip', 'a.zip')
zipfile.ZipFile('/mnt/data/a.zip').extractall('/mnt/data/unzipped')
""",
    "f-strings of the folder": """
name = 'f'
open(f'/mnt/data/{name}.txt', 'w').write('x')
import os
assert os.path.exists('f.txt')
""",
    "relative names": """
open('relative.txt', 'w').write('x')
assert open('/mnt/data/relative.txt').read() == 'x'
""",
    "mimetypes": """
import mimetypes
assert mimetypes.guess_type('a.csv')[0] == 'text/csv'
""",
    "time zones": """
import zoneinfo, datetime
assert datetime.datetime.now(zoneinfo.ZoneInfo('Europe/Paris')).tzname()
""",
    "random numbers": """
import random, secrets, uuid
assert random.random() != random.random() and secrets.token_hex() and uuid.uuid4()
""",
    "mapped memory": """
import mmap
with open('/mnt/data/m', 'wb') as f: f.write(bytes(4096))
with open('/mnt/data/m', 'r+b') as f, mmap.mmap(f.fileno(), 0) as m: m[0] = 1
""",
    "numpy": """
import numpy as np
assert np.linalg.norm(np.linalg.inv(np.eye(200)) - np.eye(200)) == 0
""",
    "pandas": """
import pandas as pd
pd.DataFrame({'a': [1, 2]}).to_csv('/mnt/data/t.csv', index=False)
assert pd.read_csv('/mnt/data/t.csv')['a'].sum() == 3
""",
    "spreadsheets": """
import pandas as pd
pd.DataFrame({'a': [1, 2]}).to_excel('/mnt/data/t.xlsx')
assert pd.read_excel('/mnt/data/t.xlsx')['a'].sum() == 3
""",
    "pictures": """
from PIL import Image
Image.new('RGB', (10, 10)).save('/mnt/data/i.png')
assert Image.open('/mnt/data/i.png').size == (10, 10)
""",
    "plots in other formats": """
import matplotlib.pyplot as plt
plt.plot([1])
plt.savefig('/mnt/data/p.pdf')
plt.savefig('/mnt/data/p.svg')
""",
    "scipy": """
from scipy import stats, optimize
assert abs(optimize.brentq(lambda x: x * x - 2, 0, 2) - 2 ** 0.5) < 1e-9 and stats.norm.cdf(0) == 0.5
""",
    "scikit-learn": """
from sklearn.linear_model import LinearRegression
assert round(LinearRegression().fit([[0], [1]], [0, 2]).coef_[0]) == 2
""",
    "parallel work, in turn": """
from sklearn.ensemble import RandomForestClassifier
RandomForestClassifier(10, n_jobs=2).fit([[0], [1]], [0, 1])
""",
    "sympy": """
import sympy
assert str(sympy.sqrt(8)) == '2*sqrt(2)'
""",
    "classes and dataclasses": """
from dataclasses import dataclass
@dataclass
class P: x: int
import pickle
assert pickle.loads(pickle.dumps(P(1))) == P(1)
""",
    "a module of its own": """
open('/mnt/data/own_module.py', 'w').write('x = 5')
import own_module
assert own_module.x == 5
""",
}


@pytest.mark.parametrize("code", WORK.values(), ids=WORK.keys())
def test_honest_work_is_done(bench: Bench, code: str) -> None:
    result = bench.run(code)
    assert result.outcome == "ok", result.logs


def test_files_are_told_as_being_in_mnt_data(bench: Bench) -> None:
    assert (
        bench.told("import os\nopen('/mnt/data/a.txt', 'w').name, os.getcwd()") == "('/mnt/data/a.txt', '/mnt/data')"
    )
    assert "'/mnt/data/missing.csv'" in bench.run("open('/mnt/data/missing.csv')").logs


def test_code_that_asks_gets_no_answer(bench: Bench) -> None:
    result = bench.run("input('name? ')")
    assert result.outcome == "error"
    assert "EOFError" in result.logs
