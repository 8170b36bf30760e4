"""A check that cannot fail proves nothing: break one constant or sign in each module, and see red.

Each break is planted in a copy of the project; then the tests or pages that guard the module must fail there. The same
tests and pages must pass in a copy without a break, so that red can only come from the break.
"""

import dataclasses
import shutil

import pytest

from pages import ROOT
from small_book import copy_project


@dataclasses.dataclass(frozen=True)
class Break:
    """``old`` becomes ``new`` in ``module``; ``guard`` is a test file or a page that must notice."""

    module: str
    old: str
    new: str
    guard: str

    def __str__(self):
        return f"{self.module} by {self.guard}"


BREAKS = [
    Break("simplex.py", "TOLERANCE = 1e-6", "TOLERANCE = 1e-1", "tests/test_simplex.py"),
    Break(
        "compiled.py",
        "left |= {other for other in _imported(name) if other not in found}",
        "left |= set()",
        "tests/test_compiled.py::test_the_stamp_holds_what_is_imported_in_any_way",
    ),
    Break("claims.py", "if all(stated):", "if any(stated):", "tests/test_claims.py"),
    Break("reported.py", "SHARE = 0.1  #", "SHARE = 0.9  #", "tests/test_reported.py"),
    Break("display.py", 'sentence("alt", alt, 5)', 'sentence("alt", alt, 0)', "tests/test_display.py"),
    Break("moving.py", "for value in values]])", "for value in reversed(values)]])", "tests/test_moving.py"),
    Break("kernels/linear.py", "return (xp", "return -(xp", "tests/kernels/test_linear.py"),
    Break(
        "kernels/log_linear.py",
        "log_mixture - _log_total",
        "log_mixture + _log_total",
        "tests/kernels/test_log_linear.py",
    ),
    Break("kernels/synergistic.py", "axis=-2) / 2", "axis=-2) / 3", "tests/kernels/test_synergistic.py"),
    Break(
        "kernels/competitive_binding.py",
        "(1 + self._binding(parts))",
        "(2 + self._binding(parts))",
        "tests/kernels/test_competitive_binding.py",
    ),
    Break("kernels/gated.py", "scores - best", "best - scores", "tests/kernels/test_gated.py"),
    Break("kernels/stochastic.py", "counts / self.draws", "counts * self.draws", "tests/kernels/test_stochastic.py"),
    Break("kernels/reactive.py", "np.exp(-energies / (", "np.exp(energies / (", "tests/kernels/test_reactive.py"),
    Break(
        "kernels/emergent.py",
        "xp.sqrt(1 - self.critical",
        "xp.sqrt(1 + self.critical",
        "tests/kernels/test_emergent.py",
    ),
    Break(
        "kernels/time_resolved.py",
        "keepdims=True) - exponents",
        "keepdims=True) + exponents",
        "tests/kernels/test_time_resolved.py",
    ),
    Break(
        "kernels/spatial.py",
        "below = parts + (dimension - 1) * guess",
        "below = parts + dimension * guess",
        "tests/kernels/test_spatial.py",
    ),
    Break("instruments/hull.py", "(points - centre)", "(points + centre)", "tests/instruments/test_hull.py"),
    Break("instruments/nearest.py", "goals[b, k] = _dot(", "goals[b, k] = -_dot(", "tests/instruments/test_nearest.py"),
    Break(
        "instruments/interaction.py",
        "(at_second - centre) * step",
        "(at_first - centre) * step",
        "tests/instruments/test_interaction.py",
    ),
    Break(
        "instruments/sobol.py",
        "number ^= numbers[-back] << back",
        "number ^= numbers[-back]",
        "tests/instruments/test_sobol.py",
    ),
    Break(
        "instruments/profiles.py",
        "np.sqrt(correlation) * common",
        "correlation * common",
        "tests/instruments/test_profiles.py",
    ),
    Break(
        "information/exact.py",
        "return -xp.sum(pmf * log)",
        "return xp.sum(pmf * log)",
        "tests/information/test_exact.py",
    ),
    Break("information/measures.py", "(len(variables) - 2)", "(len(variables) - 1)", "book/measure/o-information.md"),
    Break(
        "information/gaussian.py",
        "np.log(2 / (n_samples - 1))",
        "np.log(2 / n_samples)",
        "tests/information/test_gaussian.py",
    ),
    Break(
        "information/estimators.py",
        "sum(axis=-1) - 1) / (2 * n)",
        "sum(axis=-1) + 1) / (2 * n)",
        "tests/information/test_samples.py",
    ),
    Break(
        "carriers/gaussian.py",
        "solve(xp.matrix_transpose(root), total)",
        "solve(root, total)",
        "tests/carriers/test_gaussian.py",
    ),
    Break(
        "carriers/gaussian_pools.py",
        "(covariances + between)",
        "(covariances - between)",
        "book/carriers/wasserstein.md",
    ),
    Break("carriers/quantile.py", "+ 0.5) / n_levels", "+ 0.0) / n_levels", "tests/carriers/test_quantile.py"),
    Break("federation/pools.py", "votes = log_probs.shape[0] *", "votes = 1 *", "tests/federation/test_pools.py"),
    Break(
        "federation/attribution.py",
        "self.without_entropy - self.entropy",
        "self.without_entropy + self.entropy",
        "tests/federation/test_attribution.py",
    ),
    Break("federation/kneser_ney.py", "DISCOUNTS = 3", "DISCOUNTS = 2", "tests/federation/test_kneser_ney.py"),
    Break(
        "federation/corpora.py",
        'return "" if docstring',
        "return match[0] if docstring",
        "tests/federation/test_corpora.py",
    ),
    Break("federation/specialists.py", "NEAR = 0.2", "NEAR = 0.9", "tests/federation/test_specialists.py"),
    Break("instruments/pairs.py", "(1, -1, -1, 1)", "(1, -1, 1, -1)", "tests/instruments/test_pairs.py"),
    Break("instruments/zoo.py", "parts[:, 1::-1]", "parts[:, :2]", "tests/instruments/test_zoo.py"),
    Break(
        "instruments/random_kernels.py",
        "shares * parts",
        "2 * shares * parts",
        "tests/instruments/test_random_kernels.py",
    ),
    Break("domains/chemistry.py", "bend = -np.expm1(-gap)", "bend = -np.expm1(gap)", "tests/domains/test_chemistry.py"),
    Break("domains/decay.py", "rates=rates.max() - rates", "rates=rates - rates.min()", "tests/domains/test_decay.py"),
    Break("domains/light.py", "offset < 0, below, above", "offset > 0, below, above", "tests/domains/test_light.py"),
    Break(
        "domains/paint.py",
        "return 1 / (1 + ratio + np.sqrt(",
        "return 1 / (1 + ratio - np.sqrt(",
        "tests/domains/test_paint.py",
    ),
    Break(
        "domains/heredity.py",
        "both * (estimates[-1] / 4)",
        "both * (estimates[-1] / 2)",
        "tests/domains/test_heredity.py",
    ),
    Break("domains/sound.py", "loud = np.minimum", "loud = np.maximum", "tests/domains/test_sound.py"),
    Break("domains/examples.py", "Synergistic(-BOWING", "Synergistic(BOWING", "tests/domains/test_examples.py"),
    Break("domains/epidemics.py", "(1 - apart) * sizes", "apart * sizes", "tests/domains/test_epidemics.py"),
    Break("domains/designs.py", "max(0.0, -value)", "max(0.0, value)", "tests/domains/test_designs.py"),
    Break(
        "domains/taste.py",
        "tasteless[:, None] != tasteless",
        "tasteless[:, None] == tasteless",
        "tests/domains/test_taste.py",
    ),
    Break("domains/smell.py", "-0.5 * np.minimum(a, b)", "0.5 * np.minimum(a, b)", "tests/domains/test_smell.py"),
    Break(
        "domains/heat_capacity.py",
        "[np.zeros_like(above), above]",
        "[above, np.zeros_like(above)]",
        "tests/domains/test_heat_capacity.py",
    ),
    Break("domains/conduction.py", "axis=1 - axis)", "axis=axis)", "tests/domains/test_conduction.py"),
    Break("information/copula.py", "(ranks - 0.5)", "(ranks - 0.6)", "tests/information/test_copula.py"),
    Break(
        "information/ksg.py",
        "(row[s] >= radius) & (second[s] < radius)",
        "(second[s] < radius)",
        "tests/information/test_ksg.py",
    ),
    Break("information/uncertainty.py", "2 * (tail + 1)", "(tail + 1)", "tests/information/test_uncertainty.py"),
    Break(
        "information/serial.py",
        "1 + 2 * pair[",
        "1 + pair[",
        "tests/information/test_serial.py::test_an_autoregression_is_worth_what_its_closed_form_says",
    ),
    Break(
        "information/coverage.py",
        "(np.abs(found - exact) <= stated)",
        "(np.abs(found - exact) <= 2 * stated)",
        "tests/information/test_coverage.py::test_shares_are_those_of_a_normal_estimate",
    ),
    Break("information/choice.py", "excess[0] > 3 *", "excess[0] > 300 *", "tests/information/test_choice.py"),
    Break("information/dependence.py", "precisions.max()", "precisions.min()", "tests/information/test_dependence.py"),
    Break("information/table.py", "codes < 0", "codes < -1", "tests/information/test_table.py"),
    Break("information/samples.py", "else xp.float64", "else xp.int64", "tests/information/test_estimators.py"),
    Break(
        "information/groups.py",
        "columns.count(column) > 1",
        "columns.count(column) > 2",
        "tests/information/test_gaussian.py",
    ),
    Break("information/systems.py", "(2 * bits - 1)", "(2 * bits)", "tests/information/test_systems.py"),
    Break("information/result.py", "factor * error for", "error for", "tests/information/test_uncertainty.py"),
    Break(
        "cli.py",
        "if named else error)\n        return 2\n",
        "if named else error)\n        return 1\n",
        "tests/test_cli.py",
    ),
    Break(
        "commands/command.py",
        "if len(names) > MOST_NAMED else",
        "if len(names) < MOST_NAMED else",
        "tests/commands/test_o_information.py",
    ),
    Break("commands/evaluate.py", "domains.setdefault(name, [])", "domains.setdefault(path, [])", "tests/test_cli.py"),
    Break("commands/verify.py", "not in (PENDING, row[2])", "in (PENDING, row[2])", "tests/test_cli.py"),
    Break(
        "commands/o_information.py",
        '"redundant": found.redundant(top)',
        '"redundant": found.synergistic(top)',
        "tests/commands/test_o_information.py",
    ),
    Break("commands/text_table.py", "outside | fractions", "outside & fractions", "tests/commands/test_text_table.py"),
    Break("commands/samples_file.py", "SAME = 1 - 1e-12", "SAME = 1 + 1e-12", "tests/commands/test_samples_file.py"),
    Break(
        "information/failures.py",
        "digamma(len(points)) - digamma(k)",
        "digamma(len(points)) + digamma(k)",
        "tests/information/test_failures.py",
    ),
    Break(
        "information/closed_forms.py",
        "(1 + (n - 2) * rho)",
        "(1 + (n - 1) * rho)",
        "tests/information/test_closed_forms.py",
    ),
    Break(
        "information/membership.py",
        '"p_value": p_values.max(axis=1)',
        '"p_value": p_values.mean(axis=1)',
        "tests/information/test_membership.py",
    ),
    Break(
        "domains/diabetes.py",
        "TRIGLYCERIDES_PER_VLDL = 5 ",
        "TRIGLYCERIDES_PER_VLDL = 6 ",
        "tests/domains/test_diabetes.py",
    ),
    Break(
        "information/sweeps/elimination.py",
        "precisions[earlier] += share",
        "precisions[earlier] -= share",
        "tests/information/test_sweep_search.py::test_finds_the_extremes_of_a_system_that_can_be_swept",
    ),
    Break(
        "information/sweeps/engine.py",
        "k * h[1] - h[k]",
        "k * h[1] + h[k]",
        "tests/information/test_sweep.py::test_bias_is_removed_as_for_one_subset",
    ),
    Break(
        "information/sweeps/tree.py",
        "between[t] - slope[t]",
        "between[t] + slope[t]",
        "tests/information/test_sweep.py::test_both_engines_agree",
    ),
    Break(
        "information/sweeps/prefixes.py",
        "base + share * share",
        "base - share * share",
        "tests/information/test_sweep.py::test_both_engines_agree",
    ),
    Break(
        "information/sweeps/subsets.py",
        "members.append(n - 1 - mirrored)",
        "members.append(mirrored)",
        "tests/information/test_sweep.py::test_every_subset_once_and_as_by_log_determinants",
    ),
    Break(
        "information/sweeps/keep.py",
        '-state["values"][1]]',
        'state["values"][1]]',
        "tests/information/test_sweep.py::test_top_keeps_the_extremes_of_all",
    ),
    Break(
        "information/sweeps/selection.py",
        "row[1] += w < 0",
        "row[1] += w > 0",
        "tests/information/test_sweep.py::test_what_the_result_says",
    ),
    Break(
        "information/sweeps/problem.py",
        "products / spread[:, None] / spread",
        "products / spread[:, None] ** 2",
        "tests/information/test_sweep.py::test_bias_is_removed_as_for_one_subset",
    ),
    Break(
        "information/sweeps/scores.py", "= quantiles[t]", "= quantiles[t - 1]", "tests/information/test_sweep_scores.py"
    ),
    Break(
        "information/sweeps/sampled.py",
        "k=self.k, scores",
        "k=3, scores",
        "tests/information/test_sweep.py::test_options_reach_the_estimator",
    ),
    Break(
        "information/sweeps/significance.py",
        "2 * (np.minimum(",
        "(np.minimum(",
        "tests/information/test_sweep_null.py::test_ties_count_on_both_sides",
    ),
    Break(
        "information/sweeps/duration.py",
        "(1 + null) * once",
        "(1 - null) * once",
        "tests/information/test_sweep_duration.py",
    ),
    Break(
        "information/sweeps/errors.py",
        '.errors["omega"]',
        '.errors["s_information"]',
        "tests/information/test_sweep_null.py::test_standard_errors_are_those_of_one_subset",
    ),
    Break(
        "information/sweeps/search.py",
        "rows.T[::-1], sign * omega",
        "rows.T[::-1], -sign * omega",
        "tests/information/test_sweep_search.py::test_finds_the_extremes_of_a_system_that_can_be_swept",
    ),
    Break(
        "information/sweeps/checkpoint.py",
        "*vars(keep).values(), ",
        "",
        "tests/information/test_sweep_restart.py::test_the_state_of_another_sweep_is_refused",
    ),
    Break(
        "information/sweeps/runner.py",
        "bar.update(engine.size(tasks[index]))",
        "bar.update(1)",
        "tests/information/test_sweep_restart.py::test_progress_is_shown",
    ),
    Break(
        "information/sweeps/executors.py",
        "submit(work, engine, task): index for",
        "submit(work, engine, task): 0 for",
        "tests/information/test_sweep_restart.py::test_a_pool_gives_the_same_to_the_last_bit[threads]",
    ),
    Break(
        "information/sweeps/on_device.py",
        "rest - first[1:][r]",
        "rest + first[1:][r]",
        "tests/information/test_sweep_on_device.py::test_the_same_best_and_profile",
    ),
    Break(
        "information/sweeps/engines.py",
        "n_samples < highest + 2",
        "n_samples < highest + 1",
        "tests/information/test_sweep.py::test_samples_suffice_that_are_two_more_than_the_highest_order",
    ),
    Break(
        "information/sweeps/result.py",
        "2 * self.tc - self.omega",
        "2 * self.tc + self.omega",
        "tests/information/test_sweep.py::test_what_the_result_says",
    ),
    Break(
        "information/sweeps/sweep.py",
        "return result.to(units)",
        "return result",
        "tests/information/test_sweep.py::test_what_the_result_says",
    ),
    Break("information/score.py", "+= found.mean(axis=0)", "-= found.mean(axis=0)", "tests/information/test_score.py"),
    Break(
        "information/score_network.py",
        "missing = noise - base(",
        "missing = noise + base(",
        "tests/information/test_score_network.py",
    ),
    Break(
        "information/score_integrals.py",
        "* self.spread[row] + sigma**2)",
        "* self.spread[row] + sigma)",
        "tests/information/test_score_integrals.py",
    ),
    Break(
        "information/exact_scores.py",
        "(sigma * seen - slope",
        "(sigma * seen + slope",
        "tests/information/test_exact_scores.py",
    ),
    Break(
        "information/score_trials.py",
        "RELATIVE, ABSOLUTE = 0.05, 0.02",
        "RELATIVE, ABSOLUTE = 0.05, 2.0",
        "tests/information/test_score_trials.py",
    ),
    Break(
        "federation/trace.py",
        "JSONEncoder(sort_keys=True",
        "JSONEncoder(sort_keys=False",
        "tests/federation/test_trace.py",
    ),
    Break(
        "federation/trace_rules.py",
        "UNITS_OF_ROUNDING = 16",
        "UNITS_OF_ROUNDING = 16e6",
        "tests/federation/test_trace_check.py",
    ),
    Break(
        "federation/trace_check.py",
        "and position == was + 1",
        "and position > was",
        "tests/federation/test_trace_check.py",
    ),
    Break(
        "federation/truncated.py", "(self.unseen - 1) * cap", "self.unseen * cap", "tests/federation/test_truncated.py"
    ),
    Break(
        "federation/glass.py",
        "responsibilities.argmax(axis=0)",
        "responsibilities.argmin(axis=0)",
        "tests/federation/test_glass.py",
    ),
    Break(
        "federation/planted.py",
        "late[0, 1:] = given[0, :-1]",
        "late[0, 1:] = given[0, 1:]",
        "tests/federation/test_planted.py",
    ),
    Break("commands/audit.py", "return 0 if check.sound else 1", "return 0", "tests/commands/test_audit.py"),
    Break("federation/blocks.py", "yield joined[:rows]", "yield joined[-rows:]", "tests/federation/test_blocks.py"),
    Break(
        "federation/neural.py",
        "places < self.ends[where]",
        "places <= self.ends[where]",
        "tests/federation/test_neural.py",
    ),
    Break("federation/saved.py", "if b[token] != number:", "if b[token] == number:", "tests/federation/test_saved.py"),
    Break("federation/scoring.py", "places[here, 1] == 0", "places[here, 0] == 0", "tests/federation/test_scoring.py"),
    Break("federation/soups.py", "start + scale * sum(", "start - scale * sum(", "tests/federation/test_soups.py"),
    Break(
        "federation/hugging_face.py",
        "logits[0, done - end :,",
        "logits[0, : end - done,",
        "tests/federation/test_hugging_face.py",
    ),
    Break(
        "federation/soup_trials.py",
        "enumerate(text.training) if i != domain]",
        "enumerate(text.training) if i == domain]",
        "tests/federation/test_soup_trials.py",
    ),
    Break("federation/costs.py", "np.where(order < k", "np.where(order >= k", "tests/federation/test_costs.py"),
    Break(
        "federation/distributed/mixture.py",
        "return (top + torch.log(",
        "return (top - torch.log(",
        "tests/federation/test_distributed.py::test_three_processes_give_what_one_gives",
    ),
    Break(
        "federation/distributed/part.py",
        "[:, 0].to(self.wide) - self.normaliser",
        "[:, 0].to(self.wide) + self.normaliser",
        "tests/federation/test_distributed.py::test_three_processes_give_what_one_gives",
    ),
    Break(
        "federation/distributed/members.py",
        "gone = tuple(r for r in self.present if r not in agreed)",
        "gone = tuple(r for r in self.present if r in agreed)",
        "tests/federation/test_distributed.py::test_a_killed_rank_is_missing_from_then_on",
    ),
    Break(
        "federation/distributed/traffic.py",
        "BYTES_SENT = 200",
        "BYTES_SENT = 104",
        "tests/federation/test_distributed.py::test_bytes_are_those_that_the_kernel_counts",
    ),
    Break(
        "federation/distributed/launching.py",
        "pickle.dumps(function(rank, *args))",
        "pickle.dumps(function(0, *args))",
        "tests/federation/test_distributed.py::test_three_processes_give_what_one_gives",
    ),
    Break(
        "federation/fused/elementary.py",
        "return z * p + _exponent(x) * log2",
        "return z * p - _exponent(x) * log2",
        "tests/federation/fused/test_mixtures.py::test_any_size_and_range",
    ),
    Break(
        "federation/fused/compiled.py",
        "log_mass[:, rows] = mass",
        "log_mass[:, rows] = 0",
        "tests/federation/fused/test_mixtures.py::test_logits_without_a_distribution_are_named",
    ),
    Break(
        "federation/fused/loops.py",
        "before, top = top, _greatest(_array(x + start, block, like))",
        "before, top = top, _greatest(_array(x + start, block, like)[:2])",
        "tests/federation/fused/test_mixtures.py::test_any_size_and_range",
    ),
    Break(
        "federation/fused/lanes.py",
        'builder.fcmp_ordered("<", *args)',
        'builder.fcmp_ordered(">", *args)',
        "tests/federation/fused/test_mixtures.py::test_edges",
    ),
    Break(
        "federation/fused/chunked.py",
        "total = torch.logaddexp(total,",
        "total = torch.maximum(total,",
        "tests/federation/fused/test_mixtures.py::test_error_against_float64",
    ),
    Break(
        "federation/fused/gradients.py",
        "- log_p.exp() * through.sum",
        "+ log_p.exp() * through.sum",
        "tests/federation/fused/test_gradients.py::test_plain_torch",
    ),
    Break(
        "federation/fused/mixtures.py",
        "(targets < 0) | (targets >= columns)",
        "(targets < 0) | (targets > columns)",
        "tests/federation/fused/test_mixtures.py::test_bad_targets_are_named",
    ),
    Break(
        "federation/fused/inputs.py",
        "xp.isfinite(temperatures) & (temperatures > 0)",
        "xp.isfinite(temperatures) & (temperatures >= 0)",
        "tests/federation/fused/test_mixtures.py",
    ),
    Break("federation/fused/sums.py", "xp.exp(values - top)", "xp.exp(values)", "tests/federation/test_pools.py"),
    Break(
        "federation/combiners/base.py",
        "if old is not None and np.shape(old) != new.shape:",
        "if False:",
        "tests/federation/combiners/test_protocol.py",
    ),
    Break(
        "federation/combiners/along.py",
        "int(np.argmin(losses))",
        "int(np.argmax(losses))",
        "tests/federation/combiners/test_protocol.py",
    ),
    Break(
        "federation/combiners/em.py",
        "(shares / shares.sum(axis=0)).mean(axis=1)",
        "shares.mean(axis=1)",
        "tests/federation/test_combiners.py",
    ),
    Break(
        "federation/combiners/fixed_share.py",
        "(1 - self.share) * v +",
        "(1 - self.share) * v -",
        "tests/federation/test_combiners.py",
    ),
    Break(
        "federation/combiners/entropy_weights.py",
        "softmax(-np.asarray(entropies)",
        "softmax(np.asarray(entropies)",
        "tests/federation/combiners/test_entropy_weights.py",
    ),
    Break(
        "federation/combiners/gate.py",
        "(weights - joint / total)",
        "(weights + joint / total)",
        "tests/federation/combiners/test_gate.py",
    ),
    Break(
        "federation/combiners/geometric.py",
        "+ step * (np.maximum",
        "- step * (np.maximum",
        "tests/federation/combiners/test_geometric.py",
    ),
    Break(
        "federation/combiners/predictions.py",
        "rows[:, slice(*spans[document])]",
        "rows[:, slice(*spans[0])]",
        "tests/federation/combiners/test_predictions.py",
    ),
    Break(
        "federation/combiners/router.py",
        "heard[chosen] = log_probs",
        "heard[chosen] = 0",
        "tests/federation/combiners/test_router.py",
    ),
    Break(
        "federation/combiners/stacked.py",
        "self.top.update(self._outcomes(log_probs))",
        "self.top.update(0 * self._outcomes(log_probs))",
        "tests/federation/combiners/test_protocol.py",
    ),
    Break(
        "federation/significance.py",
        "sums[0] - sums[1:]",
        "sums[1:] - sums[0]",
        "tests/federation/test_significance.py",
    ),
    Break(
        "federation/comparison.py",
        '"mixture": mixture_combine',
        '"mixture": log_linear_combine',
        "tests/federation/test_evaluation.py",
    ),
    Break(
        "federation/evaluation.py",
        '"best single": singles.min',
        '"best single": singles.max',
        "tests/federation/test_evaluation.py",
    ),
    Break(
        "federation/tempered.py",
        "np.concatenate([b, b / n])",
        "np.concatenate([b, b])",
        "tests/federation/test_tempered.py",
    ),
    Break(
        "federation/regimes.py",
        "kept = round((1 - share) * size)",
        "kept = round((1 - share) ** 2 * size)",
        "tests/federation/test_regimes.py",
    ),
    Break(
        "federation/fused/row_sums.py",
        "entropy - alone / count",
        "entropy - alone",
        "tests/federation/test_disagreement.py",
    ),
    Break(
        "federation/disagreement.py",
        "entropy - alone[member].mean(axis=0)",
        "entropy - alone[member].sum(axis=0)",
        "tests/test_small_inputs.py::test_rows_of_specialists",
    ),
    Break(
        "federation/fused/small.py",
        "return x - log_sum[..., None], top * scales",
        "return x + log_sum[..., None], top * scales",
        "tests/test_small_inputs.py::test_mixtures",
    ),
    Break(
        "federation/mistakes.py",
        "(log_probs < np.log(0.5))",
        "(log_probs < np.log(0.95))",
        "tests/federation/test_mistakes.py",
    ),
    Break(
        "federation/witnesses.py",
        "counts + distinct * self.prior",
        "counts + self.prior",
        "tests/federation/test_witnesses.py",
    ),
    Break(
        "federation/cache_model.py",
        "np.where(begins, 0.0, self.weight)",
        "np.where(begins, self.weight, self.weight)",
        "tests/federation/test_cache_model.py",
    ),
    Break("federation/evidence.py", "if i != j", "if i == j", "tests/federation/test_evidence.py"),
]


GUARDS = sorted({planted.guard for planted in BREAKS})


SHARES = 6  # of the guards, so that the workers can share them


@pytest.mark.parametrize("guards", [GUARDS[k::SHARES] for k in range(SHARES)], ids=range(SHARES))
def test_without_a_break_the_guards_are_green(guards, tmp_path):
    project = copy_project(tmp_path / "project")
    executed = ROOT / "_build" / "executed"
    if executed.is_dir():
        shutil.copytree(executed, project.root / "_build" / "executed", ignore=shutil.ignore_patterns("*.part"))
    green = project.pytest(*guards)
    assert green.code == 0, green.output


@pytest.mark.parametrize("planted", BREAKS, ids=str)
def test_a_break_turns_its_guard_red(planted, tmp_path):
    text = (ROOT / "mixlib" / planted.module).read_text(encoding="utf-8")
    project = copy_project(tmp_path / "project")
    assert text.count(planted.old) == 1, f"{planted.old!r} stands {text.count(planted.old)} times in {planted.module}"
    project.edit(f"mixlib/{planted.module}", planted.old, planted.new)
    red = project.pytest("-x", planted.guard)
    assert red.code == 1, red.output  # 1: tests failed; other codes mean that none ran


def test_every_module_with_a_guard_is_broken_once():
    assert len({planted.module for planted in BREAKS}) == len(BREAKS) >= 10
