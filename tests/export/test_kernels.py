"""What a decoder spends its time on, in plain JavaScript and in WebAssembly."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from tests.support.node import in_node
from tests.support.places import PACKAGE

BROWSER = PACKAGE / "export" / "browser"
PLAIN = (BROWSER / "kernels.js", "plainKernels, activations")
SIMD = (BROWSER / "simd_kernels.js", "simdKernels")


def test_rows_of_any_size_are_multiplied_and_added() -> None:
    """However many pixels, panels and inputs a row has, both kernels add the matrix product, and
    touch nothing else.
    """
    sizes = list(product([1, 3, 4, 11], [1, 2, 5], [1, 7]))
    rows = [Row.random(*size) for size in sizes]
    program = """
const found = rows.map(({ numbers, inputs, gap, width, pixels }) =>
  [plainKernels, simdKernels].map((make) => {
    const { floats, addRow } = make(numbers.length);
    floats.set(numbers);
    const w = pixels * inputs;
    addRow(0, inputs, w, w + inputs * width, gap, width, pixels);
    return Array.from(floats.subarray(0, numbers.length));
  }),
);
console.log(JSON.stringify(found));
"""

    found = in_node(program, PLAIN, SIMD, rows=[row.sent for row in rows])

    for row, (plain, simd) in zip(rows, found, strict=True):
        np.testing.assert_allclose(plain, row.expected, atol=1e-5)
        np.testing.assert_allclose(simd, row.expected, atol=1e-5)


@dataclass(frozen=True)
class Row:
    """A row of pixels, what goes to the kernels, and what should be in their memory afterwards."""

    sent: dict[str, Any]
    expected: np.ndarray

    @classmethod
    def random(cls, pixels: int, panels: int, inputs: int) -> "Row":
        """Random numbers, and a gap of eight more of them after each output pixel."""
        width, gap = 4 * panels, 4 * panels + 8
        random = np.random.default_rng(0)
        x, w, y = (
            random.normal(size=size).astype(np.float32)
            for size in ((pixels, inputs), (inputs, width), (pixels, gap))
        )
        in_panels = w.reshape(inputs, panels, 4).transpose(1, 0, 2)
        before = np.concatenate([x.ravel(), in_panels.ravel(), y.ravel()])
        y[:, :width] += x @ w
        after = np.concatenate([before[: x.size + w.size], y.ravel()])
        sizes = {"inputs": inputs, "gap": gap, "width": width, "pixels": pixels}
        return cls({"numbers": before.tolist(), **sizes}, after)


def test_activations_are_right_from_end_to_end() -> None:
    """Every activation in WebAssembly is plain JavaScript's to seven digits, from numbers next to
    zero to those at which an exponential leaves float32.
    """
    sizes = np.concatenate([[0], np.geomspace(1e-30, 3e4, 400)])
    values = np.concatenate([-sizes[::-1], sizes]).astype(np.float32).tolist()
    program = """
const found = Object.fromEntries(activations.map((kind) => [kind, [plainKernels, simdKernels].map(
  (make) => {
    const { floats, activate } = make(values.length + 3);
    floats.set(values);
    activate(kind, 0, values.length, 0.2);
    return Array.from(floats.subarray(0, values.length));
  },
)]));
console.log(JSON.stringify(found));
"""

    found = in_node(program, PLAIN, SIMD, values=values)

    assert found.keys() == {"relu", "leaky_relu", "silu", "sigmoid", "tanh"}
    for plain, simd in found.values():
        np.testing.assert_allclose(simd, plain, rtol=5e-7, atol=2e-7)


def test_without_webassembly_decoders_work_in_plain_javascript() -> None:
    """A browser that has no WebAssembly, or may not use it, gets kernels in plain JavaScript."""
    program = """
WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError(); } };
const { floats, activate } = fastestKernels(4);
floats.set([-1, 0, 1, 2]);
activate("relu", 0, 4);
console.log(JSON.stringify([simdKernels(4), Array.from(floats)]));
"""

    found = in_node(program, (BROWSER / "decoder.js", "fastestKernels"), SIMD)

    assert found == [None, [0, 0, 1, 2]]
