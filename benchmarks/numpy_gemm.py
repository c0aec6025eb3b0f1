"""Let Thinc multiply matrices by numpy, whose BLAS knows newer processors than BLIS.

For `spacy train --code`: the results differ by rounding alone, and spaCy's large
convolutional networks train several times faster where BLIS has no kernel of its own
for the processor.
"""

import numpy
from thinc.api import NumpyOps
from thinc.types import Floats2d


def gemm(
    self: NumpyOps,
    x: Floats2d,
    y: Floats2d,
    out: Floats2d | None = None,
    trans1: bool = False,
    trans2: bool = False,
) -> Floats2d:
    return numpy.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


NumpyOps.gemm = gemm
