"""Steps in time. NumPy will refuse bare integers beside dates, so tests add these."""

from typing import Final

import numpy as np

DAY: Final = np.timedelta64(1, "D")
WEEK: Final = np.timedelta64(7, "D")
