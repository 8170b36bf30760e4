"""Blood of diabetes patients: a table of measurements, and the two formulas that clinics make columns with."""

import numpy as np
import pandas as pd

TRIGLYCERIDES_PER_VLDL = 5  # mg/dL a mg/dL: their mass over the cholesterol that travels with them, when fasting
NAMES = {
    "age": "age",
    "bmi": "BMI",
    "bp": "pressure",
    "s1": "cholesterol",
    "s2": "LDL",
    "s3": "HDL",
    "s4": "ratio",
    "s5": "log TG",
    "s6": "glucose",
    "target": "progression",
}


def load():
    """The measurements of 442 patients as a DataFrame, in their own units; needs scikit-learn.

    Columns: age (years), BMI (kg/m²), blood pressure (mmHg), total cholesterol, LDL and HDL (mg/dL), the ratio of
    cholesterol to HDL, the logarithm of triglycerides (mg/dL), glucose (mg/dL), and a score of the disease's
    progression a year later. Sex, with two values, is left out: it has no ranks to speak of.

    Source: Efron et al. 2004, as shipped with scikit-learn.
    """
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    columns = pd.DataFrame(data.data, columns=data.feature_names).assign(target=data.target)
    return columns[list(NAMES)].rename(columns=NAMES)


def friedewald(cholesterol, hdl, triglycerides):
    """LDL cholesterol as what the total leaves after HDL and VLDL, all in mg/dL.

    Source: Friedewald et al. 1972, for fasting blood with triglycerides up to 400 mg/dL.
    """
    return np.asarray(cholesterol) - hdl - np.asarray(triglycerides) / TRIGLYCERIDES_PER_VLDL
