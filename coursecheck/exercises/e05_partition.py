"""Slips of exercise 5: a graph on several devices, and a smaller minibatch on one."""

from coursecheck.form import Output, Slip, Task
from coursecheck.instruments import UNASKED, Device, asked_for_all
from coursecheck.variants import Option

TITLE = "Exercise 5"
SENTENCES = (UNASKED,)


TASKS = (
    Task(
        "cut",
        "A. What crosses the cut",
        "n d h q itemsize",
        (Output("up", "Bytes from GPU 0", "count"), Output("down", "Bytes from GPU 1", "count")),
        hints=(
            "Draw a frame around each GPU's variables. Which variable of GPU 0 is read by an "
            "operator of GPU 1? And which gradient of GPU 1 does GPU 0 wait for?",
            "Only H goes up, and only the gradient of H comes down. Both have a row for every "
            "example and a column for every hidden unit.",
        ),
        on="n * h * itemsize",
        slips=(
            Slip("elements_for_bytes", "=> n * h",
                 "this counts numbers. How many bytes has each?", "up down"),
            Slip("bits_for_bytes", "=> 8 * ~", "this counts bits. A byte has 8.", "up down"),
            Slip("one_example", "=> h * itemsize",
                 "this is right for one example. There are more.", "up down"),
            Slip("input_sent", "=> n * d * itemsize", "this is X. It stays where it is; which "
                                                      "variable does the next operator on the "
                                                      "other GPU read?", "up"),
            Slip("output_cut", "=> n * q * itemsize",
                 "this is as large as O. O is computed from H and W2: on which GPU?", "up down"),
            Slip("output_too", "=> n * (h + q) * itemsize",
                 "two arrays are counted here, and O is one of them. On which GPU is it needed?",
                 "up down"),
            Slip("input_too", "=> n * (h + d) * itemsize",
                 "X is counted as well. Nothing of it crosses.", "up down"),
            Slip("parameters_sent", "=> (h * d + h) * itemsize | h * d * itemsize",
                 "these are parameters. They stay where they live; what flows along the edge "
                 "that is cut?", "up"),
            Slip("weight_gradient_sent", "=> q * h * itemsize | (h * d + q * h) * itemsize | "
                                         "(h * d + h + q * h) * itemsize",
                 "these are gradients of weights. Who needs them?", "down"),
            Slip("weight_gradient_too", "=> (n * h + q * h) * itemsize",
                 "the gradient of W2 is counted as well. Who needs it?", "down"),
            Slip("nothing_back", "=> 0",
                 "nothing comes back. What does GPU 0 need for the gradient of W1?", "down"),
            Slip("sent_twice", "=> 2 * ~", "counted twice. However often a value is used on the "
                                           "other GPU, how often must it go there?", "up down"),
        ),
        otherwise=("up = n * h * itemsize\nreturn [up, up]",
                   "return np.zeros((n, h)).size * itemsize, float(h * n * itemsize)"),
    ),
    Task(
        "partial",
        "A. One device's part of O",
        "X W1 b1 W2 k N",
        (Output("part", "O[k]", axes="n q"),),
        sizes="n d h q",
        draw={"h": "2..12", "N": "2..4", "k": "0..N", "X": "n d", "W1": "h d", "b1": "h",
              "W2": "q h"},
        where="h % N == 0",
        hints=(
            "Device k has h/N hidden units. Which rows of W1 and b1 make them, and which columns "
            "of W2 do they meet?",
            "Its units are `slice(k * h // N, (k + 1) * h // N)`. Take these rows of W1 and b1 and "
            "these columns of W2, and do with them what the whole network does.",
        ),
        on="k * h // N, (k + 1) * h // N",
        slips=(
            Slip("unsplit", "return np.tanh(X @ W1.T + b1) @ W2.T",
                 "this is the whole O. One device has some of the hidden units only."),
            Slip("output_divided", "return np.tanh(X @ W1.T + b1) @ W2.T / N",
                 "the whole O divided by N. The parts add up, but no device could compute this "
                 "from its own units."),
            Slip("parts_mismatch", ("W2[:, part] => W2[:, : h // N] | W2[:, -(h // N) :] | "
                                    "np.roll(W2, h // N, axis=1)[:, part]",
                                    "W1[part] => W1[: h // N]"),
                 "the units' rows of W1 meet other units' columns of W2."),
            Slip("other_bias", "b1[part] => b1[: h // N]",
                 "the units get the biases of other units."),
            Slip("other_part", "=> (k - 1) * h // N, k * h // N | "
                               "(k - 1) * h // N, k * h // N if k else None | "
                               "(N - 1 - k) * h // N, (N - k) * h // N | 0, h // N | "
                               "h - h // N, h",
                 "this is another device's part. Devices are counted from 0."),
            Slip("strided", "slice(k * h // N, (k + 1) * h // N) => slice(k, None, N)",
                 "these are every N-th unit. A device has its share in order."),
            Slip("two_parts", "(k + 1) * h // N => (k + 2) * h // N",
                 "this is more than one device's share of the units."),
            Slip("bias_divided", "b1[part] => ~ / N",
                 "b1 is divided by N. Every unit has a bias of its own, whole."),
            Slip("bias_forgotten", "X @ W1[part].T + b1[part] => X @ W1[part].T",
                 "b1 is missing from the units' input."),
            Slip("activation_missing",
                 "np.tanh(X @ W1[part].T + b1[part]) => X @ W1[part].T + b1[part]",
                 "the activation function is missing."),
            Slip("activation_other", "np.tanh(X @ W1[part].T + b1[part]) => np.maximum(X @ "
                                     "W1[part].T + b1[part], 0) | 1 / (1 + np.exp(-X @ "
                                     "W1[part].T - b1[part]))",
                 "this is another activation function. Here φ is tanh."),
            Slip("bias_after_activation",
                 "np.tanh(X @ W1[part].T + b1[part]) => np.tanh(X @ W1[part].T) + b1[part]",
                 "b1 is added after the activation. It belongs inside φ."),
            Slip("inputs_split", ("d = X.shape[1] // 2\nreturn np.tanh(X[:, :d] @ W1[:, :d].T + "
                                  "b1) @ W2.T", "h = len(b1) // N\npart = slice(k * h, (k + 1) "
                                                "* h)\nreturn np.tanh(X[:, part] @ W1[:, "
                                                "part].T + b1) @ W2.T",
                                  "part = np.array_split(np.arange(X.shape[1]), N)[k]\nreturn "
                                  "np.tanh(X[:, part] @ W1[:, part].T + b1) @ W2.T"),
                 "the inputs were split, and φ of a part of the sum is not a part of φ of the "
                 "sum. Along which axis does φ not mix anything?"),
        ),
        otherwise=(
            "H = np.tanh(X @ W1[part].T + b1[part]) => Z = X @ W1[part].T + b1[part]; "
            "H = 1 - 2 / (np.exp(2 * Z) + 1)",
            "w1, c, w2 = np.split(W1, N)[k], np.split(b1, N)[k], np.split(W2, N, axis=1)[k]\n"
            "return np.tanh(X @ w1.T + c) @ w2.T",
        ),
    ),
    Task(
        "all_reduce",
        "A. What an all-reduce sends",
        "S N",
        (Output("total", "Sent by all", "count"), Output("each", "Sent by one", "count")),
        draw={"S": "2..60"},
        where="S % N == 0",
        hints=(
            "The array is cut into N pieces. How many rounds does it take until every piece is "
            "summed somewhere, and how many more until everybody has every sum?",
            "N − 1 rounds and N − 1 rounds. In each of them every device sends one piece, S/N "
            "numbers, to its neighbour.",
        ),
        on="2 * (N - 1) * S // N",
        slips=(
            Slip("one_round", "=> (N - 1) * S // N",
                 "this adds the pieces up, or hands the sums round. An all-reduce does both."),
            Slip("everyone_to_everyone", ("N * each => N * (N - 1) * S", "=> (N - 1) * S"),
                 "every device sends its whole array in every round. In a ring it is one piece."),
            Slip("total_is_each", "N * each => each",
                 "this is what one device sends. Asked for is all of them together."),
            Slip("each_is_total", "=> 2 * (N - 1) * S", "this is what all devices send together.",
                 "each"),
            Slip("divided_twice", "N * each => each // N",
                 "divided by N although all are asked for."),
            Slip("as_many_rounds", "=> 2 * S", "one round too many in each half. After how many "
                                               "rounds has a part met every device?"),
            Slip("size_forgotten",
                 ("N * each => 2 * (N - 1)", "=> 2 * (N - 1) | 2 * (N - 1) // N"),
                 "this counts rounds or messages. How large is what is sent in one?"),
            Slip("to_the_root", "N * each => (N - 1) * S + (N - 1)",
                 "this is to send everything to one device and back, in whole messages. A ring "
                 "sends parts."),
        ),
        otherwise=("return 2 * (N - 1) * S, (S // N) * 2 * (N - 1)",
                   "return 2.0 * (N - 1) * S, 2 * (N - 1) * S / N"),
    ),
    Task(
        "combine",
        "A. The gradient of unequal shards",
        "gradients sizes",
        (Output("gradient", "The gradient", axes="p"),),
        sizes="K p",
        draw={"gradients": "K p", "sizes": lambda rng, v: rng.integers(1, 10, v.K)},
        hints=(
            "A shard's gradient is the mean over its examples. What do you multiply it with to "
            "get the sum over them?",
            "The sum over all examples is Σ size × gradient. The minibatch's mean divides that by "
            "the number of all examples.",
        ),
        on="sizes @ gradients / np.sum(sizes)",
        slips=(
            Slip("plain_mean",
                 "=> gradients.mean(axis=0)", "the plain mean of the shards' gradients. A shard "
                                              "with few examples counts as much as one with many."),
            Slip("plain_sum", "=> gradients.sum(axis=0)",
                 "the shards' gradients are means, and here they are simply added."),
            Slip("not_divided", "=> sizes @ gradients",
                 "weighted by the sizes, but never divided by their sum."),
            Slip("divided_by_shards", "np.sum(sizes) => len(sizes)",
                 "weighted by the sizes, then divided by the number of shards. Of what is it to "
                 "be the mean?"),
            Slip("divided_by_largest", "np.sum(sizes) => np.max(sizes)",
                 "divided by the largest size. Of how many examples is it to be the mean?"),
            Slip("one_shard", "=> gradients[0] | gradients[1] | gradients[-1] | "
                              "gradients[np.argmax(sizes)] | gradients[np.argmin(sizes)]",
                 "this is one shard's gradient."),
            Slip("inverse_weights",
                 "=> (1 / sizes) @ gradients | (1 / sizes) @ gradients / np.sum(1 / sizes) | "
                 "(1 / sizes) @ gradients / len(sizes) | (np.sum(sizes) / sizes) @ gradients",
                 "divided by the sizes: a shard with many examples counts less here."),
            Slip("divided_too_much", "=> gradients.sum(axis=0) / np.sum(sizes)",
                 "every shard's gradient is a mean already, and is not weighted here."),
            Slip("weighted_twice", "sizes @ gradients => sizes**2 @ gradients",
                 "the sizes weigh twice."),
            Slip("summed_single", "return sizes @ gradients / np.sum(sizes) => return "
                                  "np.sum(sizes @ gradients / np.sum(sizes))",
                 "summed to a single number. A gradient has an entry for every parameter."),
        ),
        otherwise=("return np.average(gradients, axis=0, weights=sizes)",
                   "weights = sizes / sum(sizes)\n"
                   "return sum(w * g for w, g in zip(weights, gradients))"),
    ),
    Task(
        "bubble",
        "A. How long a pipeline waits",
        "K M",
        (Output("share", "The bubble"),),
        draw={"K": "1..9", "M": "1..9"},
        hints=(
            "In which slot does the last stage start, if a stage needs one slot for a "
            "micro-batch? And in which slot is it done with the last one?",
            "There are M + K − 1 slots, and every stage works in M of them. What is left, as a "
            "share of all?",
        ),
        on="(K - 1) /",
        slips=(
            Slip("ideal_time", "(M + K - 1) => M",
                 "this is the waiting over the ideal time. A share of all the time is asked for."),
            Slip("efficiency", "=> M /",
                 "this is the share of the time in which the devices work."),
            Slip("slots_miscounted",
                 ("(M + K - 1) => (M + K) | (M + K + 1)", "(K - 1) / (M + K - 1) => K / (M + K)"),
                 "too many slots. If the first stage starts in slot 1, in which slot does the "
                 "last one finish its last micro-batch?"),
            Slip("waiting_miscounted", "=> K /",
                 "a slot too many is waited. When does the last stage start?"),
            Slip("roles_exchanged", ("=> (M - 1) /", "(K - 1) / (M + K - 1) => (M - 1) / K"),
                 "stages and micro-batches have changed places."),
            Slip("slots_for_share", "(K - 1) / (M + K - 1) => K - 1 | K * (K - 1) | 2 * (K - 1)",
                 "this is a number of slots. A share of all slots is asked for."),
            Slip("all_devices", "=> K * ~", "all devices' waiting over one device's time."),
            Slip("both_ways", "=> 2 * ~",
                 "waiting is counted forward and backward, all the slots only once."),
            Slip("micros_forgotten", "(M + K - 1) => K",
                 "the number of micro-batches takes no part, as if there were a single one."),
        ),
        otherwise=("return 1 - M / (M + K - 1)",),
    ),
    Task(
        "in_flight",
        "A. What the first stage keeps",
        "K M",
        (Output("gpipe", "Kept by GPipe", "count"), Output("one_f_one_b", "Kept by 1F1B", "count")),
        draw={"K": "1..9", "M": "1..9"},
        hints=(
            "When does GPipe run its first backward? And in 1F1B, how many micro-batches has the "
            "first stage started by the time the first one comes back?",
            "GPipe has started all of them. In 1F1B the first one comes back after it has gone "
            "through all K stages; but there may be fewer than K micro-batches.",
        ),
        on="min(K, M)",
        slips=(
            Slip("stages_for_micros", "gpipe = M => gpipe = K",
                 "this is the number of stages. GPipe runs all forwards before any backward."),
            Slip("all_stages", ("gpipe = M => gpipe = K * M", "=> K * M | K * ~"),
                 "this counts all stages together. One stage is asked about."),
            Slip("both_passes", ("gpipe = M => gpipe = 2 * M", "=> 2 * ~ | 2 * K"),
                 "forward and backward are counted. How many are kept at one time?"),
            Slip("slots_for_micros", ("gpipe = M => ~ + K - 1", "=> M + K - 1"),
                 "this counts slots of time. How many micro-batches are kept at a time?"),
            Slip("last_not_kept", ("gpipe = M => ~ - 1", "=> min(K - 1, M) | ~ - 1 | K - 1"),
                 "one too few. Does the micro-batch that is being worked on count as well?"),
            Slip("one_only", ("gpipe = M => gpipe = 1", "=> 1"),
                 "one only. How many go in before the first one is back?"),
            Slip("not_fewer", "=> M",
                 "this is what GPipe keeps. 1F1B starts going backward as soon as it can."),
            Slip("flight_limit", "=> K | max(K, M)",
                 "the first stage cannot keep more micro-batches than there are."),
        ),
        otherwise=("return M, K if K < M else M",),
    ),
    Task(
        "accumulate",
        "B. The same gradient from micro-batches",
        "gradient X Y W weight_decay M",
        (Output("G", "∂J/∂W", axes="q d",
                terms={"G": "the part through the loss",
                       "weight_decay * W": "the part of the penalty"}),),
        sizes="n d q",
        draw={"n": "2..12", "weight_decay": "0.1..0.6", "X": "n d", "Y": "n q", "W": "q d",
              "gradient": lambda rng, v: Device(v.n // v.M)},
        where="n % M == 0",
        inspect=asked_for_all,
        hints=(
            "`gradient` gives the mean over the examples it sees. What is the mean over all n, if "
            "M equal micro-batches give M means? And how often does the penalty enter J?",
            "Start from zero; for each micro-batch add its gradient divided by M; after the loop "
            "add λW, once.",
        ),
        on="weight_decay * W",
        slips=(
            Slip("micros_forgotten", "gradient(x, y, W) / M => gradient(x, y, W)",
                 "one mean loss for every micro-batch is added. Of what is J the mean?"),
            Slip("divided_by_examples", "gradient(x, y, W) / M => gradient(x, y, W) / len(X)",
                 "divided by the number of all examples. What `gradient` gives is a mean already."),
            Slip("divided_by_micro", "gradient(x, y, W) / M => gradient(x, y, W) / len(x)",
                 "divided by the size of a micro-batch. What `gradient` gives is a mean already."),
            Slip("summed_examples", "gradient(x, y, W) / M => gradient(x, y, W) * len(x)",
                 "multiplied back to a sum over the examples. J has the mean."),
            Slip("last_only", ("G = G + gradient => G = gradient",
                               "G = G + gradient(x, y, W) / M => G = gradient(x, y, W)"),
                 "this is the last micro-batch's gradient alone. Is something overwritten that "
                 "should be added up?"),
            Slip("first_only",
                 "/ M => / M; return G + weight_decay * W | ; return G + weight_decay * W",
                 "only the first micro-batch takes part. Where does the loop end, and which one "
                 "does it take?"),
            Slip("first_left_out", "zip(np.split(X, M), np.split(Y, M), strict=True) => "
                                   "list(zip(np.split(X, M), np.split(Y, M)))[1:]",
                 "the first micro-batch is left out. From where does the loop count?"),
            Slip("last_left_out", "zip(np.split(X, M), np.split(Y, M), strict=True) => "
                                  "list(zip(np.split(X, M), np.split(Y, M)))[:-1]",
                 "the last micro-batch is left out. How far does the loop count?"),
            Slip("updated_on_the_way", ("/ M => / M; W = W - gradient(x, y, W) | / M; W = W - G",
                                        "for x, y in zip(np.split(X, M), np.split(Y, M)):\n    "
                                        "W = W - gradient(x, y, W)\nreturn W",
                                        "for x, y in zip(np.split(X, M), np.split(Y, M)):\n    "
                                        "W = W - gradient(x, y, W) / M\nreturn W"),
                 "W changes on the way. All micro-batches' gradients are taken at the same W."),
            Slip("decay_each_time", "/ M => / M + weight_decay * W && G + weight_decay * W => G",
                 "the penalty is added once for every micro-batch."),
            Slip("decay_divided", "G + weight_decay * W => ~ / M",
                 "the penalty is divided by the number of micro-batches. It is not part of the "
                 "mean."),
            Slip("decay_missing", "G + weight_decay * W => G",
                 "the penalty is missing. By what else does J depend on W?"),
            Slip("rate_missing", "=> W", "the penalty's factor is missing."),
            Slip("decay_doubled", "=> 2 * ~", "the penalty counts twice. What becomes of its ½?"),
            Slip("decay_halved", "=> weight_decay / 2 * W",
                 "the penalty counts half. What becomes of its square?"),
            Slip("decay_squared", "=> ~**2",
                 "the square of the weights is added. Differentiate the penalty."),
            Slip("decay_negated", "G + weight_decay * W => G - weight_decay * W",
                 "the sign of the penalty is wrong."),
            Slip("decay_constant", "=> weight_decay | weight_decay / 2 * np.sum(W**2) | "
                                   "weight_decay * np.sum(W**2)",
                 "a number is added to every entry. What is the derivative of the penalty?"),
            Slip("step_for_gradient", "G + weight_decay * W => W - (~) | W - G",
                 "these are new weights. The gradient is asked for."),
        ),
        otherwise=(
            "gradient(x, y, W) / M => gradient(x, y, W) && G + weight_decay * W => "
            "(G + weight_decay * W * M) / M",
            "return sum(gradient(X[m::M], Y[m::M], W) for m in range(M)) / M + weight_decay * W",
        ),
    ),
    Task(
        "noise",
        "B. How noisy a small minibatch is",
        "G B",
        (Output("expected", "E‖g_B‖²",
                terms={"g @ g": "what is there without noise",
                       "trace / B": "what the noise adds"}),),
        sizes="n p",
        draw={"G": lambda rng, v: rng.standard_normal((v.n, v.p)) + rng.uniform(-1, 1, v.p)},
        hints=(
            "g_B is g plus noise, and the noise is zero on average. What is left of "
            "E‖g + noise‖² when you multiply out?",
            "‖g‖² plus the noise's variance, added over the coordinates. The mean of B "
            "independent draws has one B-th of the variance of one draw; Σ is taken over the n "
            "rows of G, around their mean.",
        ),
        on="trace / B",
        slips=(
            Slip("noise_missing", "g @ g + trace / B => g @ g",
                 "what the noise adds is missing. Is a square zero on average, too?"),
            Slip("noise_only", "g @ g + trace / B => trace / B",
                 "this is the noise alone. What is there without it?"),
            Slip("batch_forgotten", "=> trace", "as noisy as a single draw. What does averaging "
                                                "independent draws do to a variance?"),
            Slip("batch_squared", "=> ~**2",
                 "the variance is divided by the number of draws twice."),
            Slip("batch_root", "=> trace / np.sqrt(B)",
                 "the noise falls like a standard deviation. Here a variance is asked for."),
            Slip("batch_multiplied", "=> trace * B",
                 "the noise grows with the number of draws. Does averaging make it larger?"),
            Slip("falls_with_batch", "g @ g + trace / B => (g @ g + trace) / B",
                 "everything falls with the number of draws here. Does averaging make the "
                 "gradient itself smaller?"),
            Slip("unbiased", "/ len(G) => / (len(G) - 1)",
                 "the variance is estimated with one less. Here the examples are all there are."),
            Slip("unbiased_batch", "=> trace / (B - 1)", "one draw too few is counted."),
            Slip("not_averaged", "/ len(G) => * 1.0",
                 "the squares are added over the examples, not averaged."),
            Slip("averaged_coordinates", "/ len(G) => / G.size",
                 "the variance is averaged over the coordinates, too. A squared norm adds them."),
            Slip("finite_batch", "=> ~ * (len(G) - B) / (len(G) - 1)",
                 "this is for draws without replacement."),
            Slip("deviation_for_variance", ("np.sum((G - g) ** 2) / len(G) => "
                                            "G.std(axis=0).sum()",
                                            "=> np.sqrt(trace) / B | np.sqrt(~)"),
                 "standard deviations stand where variances belong."),
            Slip("uncentred", "(G - g) ** 2 => G**2",
                 "the noise is measured around zero. A variance is taken around the mean."),
            Slip("norm_not_squared", "g @ g => np.sqrt(~)", "the norm is not squared."),
            Slip("mean_of_all", "g @ g => G.mean() ** 2 | G.mean()",
                 "the gradient was averaged over its coordinates. Its squared norm adds them."),
            Slip("noise_subtracted", "g @ g + trace / B => g @ g - trace / B",
                 "the noise makes the square smaller here. Can it?"),
            Slip("entries_added", "g @ g => g.sum() ** 2",
                 "the coordinates are added before the square."),
        ),
        otherwise=("G.mean(axis=0) => G.mean(axis=0) && np.sum((G - g) ** 2) / len(G) => "
                   "np.trace(np.atleast_2d(np.cov(G.T, bias=True)))",
                   "g @ g => np.linalg.norm(g) ** 2"),
    ),
    Task(
        "fits",
        "B. How small a minibatch must be",
        "memory states kept",
        (Output("examples", "Examples at a time", "count"),),
        draw={"memory": "1..3000", "states": "1..1500", "kept": "20..300"},
        hints=(
            "What takes its place whatever the minibatch is? And what if that is already too much?",
            "Take the states off the memory. See how often one example's share goes into the rest "
            "with `//`, and do not go below zero.",
        ),
        on="(memory - states) // kept",
        slips=(
            Slip("states_forgotten", "=> memory // kept",
                 "the states take their place first, however few examples there are."),
            Slip("states_per_example", "=> memory // (states + kept)",
                 "the states are counted for every example. They are there once."),
            Slip("rounded_up", ("=> -((states - memory) // kept) | ~ + 1",
                                "return max(0, => return 1 + max(0,"),
                 "one more than there is room for. The last example does not fit."),
            Slip("rounded", "=> round((memory - states) / kept)",
                 "rounded to the nearest. Does the last example fit?"),
            Slip("not_whole", ("=> (memory - states) / kept",
                               "max(0, (memory - states) // kept) => (memory - states) / kept"),
                 "a part of an example is no example."),
            Slip("negative", "max(0, (memory - states) // kept) => (memory - states) // kept | "
                             "int((memory - states) / kept)",
                 "negative where the states alone do not fit. How many examples can then be "
                 "processed?"),
            Slip("at_least_one", "max(0, => max(1,",
                 "an example too many where there is no room for one."),
            Slip("absolute", "max(0, (memory - states) // kept) => abs(memory - states) // kept",
                 "as if there were room where the states alone do not fit."),
            Slip("states_added", "memory - states => memory + states",
                 "the states make room here. They take it."),
            Slip("states_twice", "memory - states => memory - 2 * states",
                 "the states are counted twice. Gradients and optimizer are in them already."),
            Slip("bytes_left", "=> memory - states",
                 "these are bytes. How many examples go into them?"),
            Slip("divided_first", "=> memory // kept - states // kept",
                 "rounded down twice, which can give one too many."),
            Slip("one_less", "=> ~ - 1", "one less than there is room for."),
            Slip("never", "max(0, (memory - states) // kept) => 0",
                 "0 for all sizes that were tried. What if there is plenty of memory?"),
        ),
        otherwise=("left = memory - states\nreturn max(math.floor(left / kept), 0)",),
    ),
    Task(
        "shrinks",
        "A and B. What makes the model smaller",
        None,
        tuple(Output(n, n, "flag") for n in "data sharded tensor pipeline minibatch".split()),
        hints=(
            "Take a single parameter, an entry of W2. On how many devices is it kept for good, in "
            "each of the five?",
            "Where every device keeps all of W2, nothing has shrunk. Two of the five leave W2 "
            "whole.",
        ),
        slips=(
            Slip("replicated", "= 0, => = 1,", "does a device hold fewer parameters than before? "
                                               "Data parallelism gives every device a copy of "
                                               "the model."),
            Slip("partitioned", "0, 1, 1, 1 => 0, 0, 1, 1 | 0, 1, 0, 1 | 0, 1, 1, 0",
                 "this one does divide the parameters. Who holds W2 here?"),
            Slip("activations_only", "1, 0 => 1, 1",
                 "a smaller minibatch has fewer activations. Has it fewer parameters?"),
        ),
        otherwise=("shrinks = False, True, True, True, False",
                   "shrinks = np.array([0, 1, 1, 1, 0])"),
    ),
)


# --- variants -------------------------------------------------------------------------------------


INSIDE = "X @ W1[part].T + b1[part]"


def _activation(key, name, phi, formula):
    """Another activation: φ of what stands inside, and how the model writes it."""
    return Option(
        key,
        "activation",
        answers={"partial": f"np.tanh({INSIDE}) => {phi}"},
        slips={"partial": (
            Slip("activation_tanh", f"np.tanh({INSIDE}) => np.tanh({INSIDE})",
                 f"this is tanh. Here φ is {name}."),
            Slip("unsplit", f"return {phi.replace('[part]', '')} @ W2.T",
                 "this is the whole O. One device has some of the hidden units only."),
        )},
        without=frozenset(["activation_other"]),
        words=(
            ("\\tanh(", formula),
            ("h=4, q=3, layout=", f'h=4, q=3, activation="{key}", layout='),
        ),
    )  # fmt: skip


OPTIONS = (
    _activation("relu", "the ReLU", f"np.maximum({INSIDE}, 0)", "\\operatorname{ReLU}("),
    _activation("sigmoid", "the sigmoid", f"(1 / (1 + np.exp(-({INSIDE}))))", "\\sigma("),
)
