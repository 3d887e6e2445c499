"""Formula, graph and torch say the same number of bytes, for hundreds of sizes and all options."""

from itertools import product
from random import Random

import pytest

from compgraph.questions import mlp
from compgraph.questions.memory import CHOICES, autograd_plan, chain, footprint
from measure import mse_owns, section

rng = Random(5)


def random_sizes(count, largest=60):
    return [{letter: rng.randint(1, largest) for letter in "dhqn"} for _ in range(count)]


def assert_counted(**options):
    """The formula's bytes held and its peak are those counted; returns the peak."""
    f = footprint(**options, mse_owns=mse_owns())
    held, counter = section.count(**options)
    assert (f.held, f.peak) == (held, counter.peak), options
    return f.peak


@pytest.mark.usefixtures("either_torch")
@pytest.mark.parametrize("loss", CHOICES["loss"])
def test_three_accounts_of_training_agree(loss):
    for sizes in random_sizes(200):
        counted = assert_counted(**sizes, loss=loss)
        model = mlp.build(**sizes, loss=loss, layout="row", bias=False, weight_decay=0,
                          dtype="float32")  # fmt: skip
        assert max(live for _, live in autograd_plan(model, mse_owns=mse_owns())) == counted, sizes


@pytest.mark.parametrize("activation", CHOICES["activation"])
def test_prediction(activation):
    for sizes in random_sizes(40):
        assert_counted(**sizes, mode="prediction", activation=activation)


ALL = [
    dict(zip(("loss", "activation", "dtype"), choices, strict=True))
    for choices in product(*(CHOICES[name] for name in ("loss", "activation", "dtype")))
]


@pytest.mark.parametrize("options", ALL, ids=lambda options: "-".join(options.values()))
def test_all_losses_activations_types_optimizers_variants_and_penalties(options):
    for optimizer, variant, l2 in product(*(CHOICES[k] for k in ("optimizer", "variant", "l2"))):
        if optimizer is None and l2 == "weight_decay":
            continue
        (sizes,) = random_sizes(1)
        assert_counted(**sizes, **options, optimizer=optimizer, variant=variant, l2=l2)


def test_named_variables():
    for sizes in random_sizes(40):
        names = [name for name in "ZHOL" if rng.random() < 0.5]
        loss, l2 = rng.choice(CHOICES["loss"]), rng.choice([None, "graph"])
        assert_counted(**sizes, named=names, loss=loss, l2=l2, optimizer="sgd")


STEP_BY_STEP = [
    {},
    {"activation": "gelu"},
    {"activation": "relu in place"},
    {"l2": "graph"},
    {"loss": "cross_entropy"},
    {"loss": "cross_entropy", "l2": "graph"},
    {"named": "ZHOL"},
    {"optimizer": "sgd", "l2": "weight_decay"},
    {"optimizer": "momentum", "l2": "weight_decay"},
    {"optimizer": "adam"},
    {"optimizer": "adam", "l2": "weight_decay"},
    {"mode": "prediction"},
]


@pytest.mark.usefixtures("either_torch")
@pytest.mark.parametrize("options", STEP_BY_STEP, ids=str)
def test_every_step_not_only_the_peak(options):
    """The bytes after each operator that makes something are the formula's, in order.

    So no row of the tables can be longer, shorter or larger than it is in torch.
    """
    for sizes in random_sizes(20):
        f = footprint(**sizes, **options, mse_owns=mse_owns())
        _, counter = section.count(**sizes, **options)
        formula = [  # one operator of torch makes the loss and this
            live for row, live in zip(f.rows, f.live, strict=True) if row.name != "Σ class weights"
        ]
        assert [step.live for step in counter.steps if step.made] == formula, sizes


@pytest.mark.usefixtures("either_torch")
def test_deep_chains():
    for mode in CHOICES["mode"]:
        for _ in range(60):
            widths = [rng.randint(1, 30) for _ in range(rng.randint(2, 10))]
            n = rng.randint(1, 30)
            f = chain(widths, n=n, mode=mode, mse_owns=mse_owns())
            held, counter = section.count_chain(widths, n=n, mode=mode)
            assert (f.held, f.peak) == (held, counter.peak), (widths, n, mode)


@pytest.mark.parametrize("change", [{"d": 7}, {"h": 7}, {"q": 7}, {"n": 7}, {"dtype": "float64"}])
def test_the_comparison_notices_a_difference(change):
    options = {"d": 3, "h": 4, "q": 5, "n": 6, "dtype": "float32"}
    f = footprint(**(options | change), mse_owns=mse_owns())
    held, counter = section.count(**options)
    assert (f.held, f.peak) != (held, counter.peak)
