/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/topics.h"

#include <stddef.h>

static const char labels[] =
	"LABELS: what a model learns to tell apart\n"
	"\n"
	"A label is the answer that belongs to a review: positive or negative, one of\n"
	"five stars, a department. A column of the file holds it; revue finds a likely\n"
	"one, and --label-column, or l on the Data screen, names another.\n"
	"\n"
	"Look at the labels before you train. `revue info FILE` and the Data screen count\n"
	"them. Two spellings of one label (\"good\", \"Good\") are two labels. A date or an\n"
	"id is no label: each value has a row or two, and nothing can be learnt of it.\n"
	"\n"
	"A label with few rows is hardly learnt: with 990 positive and 10 negative\n"
	"reviews, a model that always says \"positive\" is right in 99 of 100 cases and\n"
	"useless. Look at the F1 of each label then (`revue eval`), and let each row of\n"
	"a rare label count more: --class-weights balanced.\n"
	"\n"
	"Labels that people gave are wrong now and then. Reviews where a good model is\n"
	"sure and disagrees are worth a second look: often the label is the mistake.\n";

static const char splits[] =
	"SPLITS: why some reviews are held back\n"
	"\n"
	"A model can learn its reviews by heart. Whether it has understood more than that\n"
	"shows only on reviews that it has never seen. So a part is held out: one row in\n"
	"ten, or what --validation says, a share, a number of rows, or a file.\n"
	"\n"
	"  training    what the weights are changed by\n"
	"  validation  measured after each epoch: which settings, which checkpoint?\n"
	"  test        measured once, at the very end: how good is it really?\n"
	"\n"
	"Who tries twenty settings and keeps the best on the validation rows has chosen\n"
	"by them, and their figure is a little too good. The test rows, which took no\n"
	"part in any choice, tell the truth (`revue eval TEST`).\n"
	"\n"
	"The same text on both sides makes figures too good: the report before the first\n"
	"step counts such doubles. Reviews by one person or of one product hang together\n"
	"too: put all of them on one side, with a file of their own.\n"
	"\n"
	"Both sides get the same share of each label (--stratify); --split-seed decides\n"
	"which rows are drawn, so that the same seed gives the same split.\n";

static const char overfitting[] =
	"OVERFITTING: learning by heart\n"
	"\n"
	"In the charts the training loss falls and falls. The validation loss falls with\n"
	"it for a while, then turns and rises: from there on the model learns the reviews\n"
	"themselves, not what they have in common. The gap between both is overfitting.\n"
	"\n"
	"What helps, the first before the last:\n"
	"\n"
	"  more reviews        nothing else helps as much\n"
	"  fewer epochs        two to four are usual for a model that was trained before\n"
	"  the best checkpoint --load-best-model-at-end keeps the weights of the best\n"
	"                      evaluation; --early-stopping-patience 2 ends when nothing\n"
	"                      has become better for two evaluations\n"
	"  a smaller step      --learning-rate: 2e-5 to 5e-5 for large models\n"
	"  fewer weights       --freeze embeddings, --lora-r 8, or a smaller model\n"
	"  weight decay        --weight-decay 0.01\n"
	"\n"
	"Accuracy may still rise a little while the validation loss does: the model gets\n"
	"more reviews right and is more sure of those that it gets wrong.\n";

static const char calibration[] =
	"CALIBRATION: does 90 % mean 90 %?\n"
	"\n"
	"A score looks like a probability. It is one if of all reviews with a score of\n"
	"about 90 % about 90 in 100 have that label. Fine-tuned models are mostly too\n"
	"sure: what they call 99 % is right in 93 of 100 cases.\n"
	"\n"
	"`revue eval` tells how far off it is: ECE, the expected calibration error, is\n"
	"the mean distance between how sure and how right the model is, in bins of equal\n"
	"width. 0.01 is good, 0.10 is not.\n"
	"\n"
	"Temperature mends most of it: all logits are divided by one number above 1,\n"
	"which makes scores less extreme and changes no label. `revue eval DATA\n"
	"--calibrate --save` finds that number and keeps it with the model. It has to be\n"
	"found on rows that were not trained on.\n"
	"\n"
	"It matters where scores decide: a threshold (\"below 80 % a person looks at\n"
	"it\"), a ranking of several models, a mean over many reviews. Where only the\n"
	"highest label counts, it does not.\n";

static const char metrics[] =
	"METRICS: accuracy, precision, recall, F1\n"
	"\n"
	"  accuracy   how many of all reviews got the right label\n"
	"  precision  of those that were called L, how many are L\n"
	"  recall     of those that are L, how many were called L\n"
	"  F1         the harmonic mean of both: high only if both are\n"
	"\n"
	"Of 100 reviews 10 are complaints. A model calls 8 reviews complaints, 6 rightly:\n"
	"precision 6/8 = 0.75, recall 6/10 = 0.60, F1 0.67. Accuracy is 0.94, and 0.90\n"
	"for a model that never sees a complaint: accuracy says little here.\n"
	"\n"
	"F1 in the charts is macro F1: the mean over labels, each counting the same\n"
	"however rare. The confusion matrix of `revue eval` shows which labels are taken\n"
	"for which.\n"
	"\n"
	"Figures of few reviews are vague: 0.85 on 100 rows may as well be 0.77 or 0.91.\n"
	"`revue eval` gives the interval; `revue compare A B DATA` tells whether two\n"
	"models differ by more than chance.\n";

static const char learning_rate[] =
	"LEARNING-RATE: how large a step is\n"
	"\n"
	"Each step moves every weight a little against its gradient. The learning rate\n"
	"says how far. It is the setting that matters most.\n"
	"\n"
	"  too high   the loss jumps, or rises, or becomes NaN; all reviews get one label\n"
	"  too low    the loss falls so slowly that the epochs end before it has\n"
	"\n"
	"Usual: 2e-5 to 5e-5 for BERT and DistilBERT, 1e-4 to 5e-4 for very small models\n"
	"and for LoRA adapters, which start from nothing. Half the batch wants about 0.7\n"
	"times the rate.\n"
	"\n"
	"It changes on the way. --warmup-ratio 0.1 lets it rise over the first tenth of\n"
	"the steps, which keeps a new head from pushing the encoder about;\n"
	"--lr-scheduler-type linear lets it fall to 0 at the end.\n"
	"\n"
	"Change one setting at a time, and compare on the validation rows.\n";

static const char tokens[] =
	"TOKENS: how a model reads\n"
	"\n"
	"A model knows some 30,000 pieces of words and nothing else. The tokenizer cuts\n"
	"a text into them: \"unwatchable\" may become un, ##watch, ##able (## means: goes\n"
	"on the word before). [CLS] stands before each text, [SEP] after it; what\n"
	"[CLS] has become after the last layer decides the label.\n"
	"\n"
	"`revue tokens` shows the pieces of any line.\n"
	"\n"
	"Most models read 512 tokens at most, a training --max-length of them (256): some\n"
	"200 words. What is longer is cut, and the report before the first step tells how\n"
	"much is lost. --truncation head+tail keeps the beginning and the end, where\n"
	"reviews say what they mean; --truncation windows reads all of it in pieces.\n"
	"\n"
	"Time and memory grow with the tokens of a batch, so a shorter --max-length\n"
	"makes a training faster, and on short reviews costs nothing.\n";

static const char distillation[] =
	"DISTILLATION: a small model that learns from large ones\n"
	"\n"
	"A label says \"positive\". A good model says more of the same review: 83 %\n"
	"positive, so not without doubts. A small model that is trained to say what a\n"
	"large one says (--teacher MODEL) learns more from a review than from its label.\n"
	"\n"
	"A teacher needs no labels. Reviews that nobody judged are many and cheap, and\n"
	"with --unlabelled FILE they train too, with what the teacher says of them. Where\n"
	"few reviews have labels this helps most, more than any other setting.\n"
	"\n"
	"The cheapest teacher is a linear model on words, which learns in seconds:\n"
	"\n"
	"  revue baseline labelled.csv -o words\n"
	"  revue train labelled.csv -m SMALL --teacher words --unlabelled more.csv\n"
	"\n"
	"  --distillation-temperature     above 1 the doubts of a teacher count more\n"
	"  --distillation-alpha           how much it counts beside a label, 0 to 1\n"
	"  --teacher A:2 --teacher B:81-  several; A counts twice, B from 81 words on\n"
	"  --distill-hidden 100           what goes on inside, too: slower, far better\n"
	"\n"
	"A teacher is asked once: its answers are kept for other runs. It must not have\n"
	"been trained on the reviews that you measure on.\n";

static const char lora[] =
	"LORA: training a small part\n"
	"\n"
	"Instead of all weights of a model LoRA trains two thin matrices beside each of\n"
	"some large ones: W x + (alpha / r) B A x, with B and A of rank r. W stays as it\n"
	"is. At --lora-r 8 that is less than one weight in a hundred.\n"
	"\n"
	"It needs less memory, for the optimizer keeps its moments of what it trains\n"
	"only, and an adapter is a small file: --save-adapter writes RUN/adapter, which\n"
	"peft reads. RUN/model is the whole model, merged; `revue merge` makes one of an\n"
	"adapter and its base.\n"
	"\n"
	"Adapters start from nothing and want a higher --learning-rate, 1e-4 to 5e-4. On\n"
	"large models the result is about that of a full training; on very small ones a\n"
	"full training is better and cheap enough.\n"
	"\n"
	"--load-in-4bit holds the frozen matrices in four bits besides (QLoRA): a\n"
	"quarter of the memory or less, a little slower, a little less exact.\n";

static const char search[] =
	"SEARCH: which settings, and how sure is that?\n"
	"\n"
	"Two trainings that differ in the seed alone end at different figures. Before you\n"
	"believe that a setting is better, ask how large that luck is:\n"
	"\n"
	"  revue train reviews.csv --seeds 1,2,3     mean and deviation, on the same rows\n"
	"\n"
	"With few rows luck is also which of them are held out. Cross-validation measures\n"
	"on each row once, by a model that has not seen it:\n"
	"\n"
	"  revue train reviews.csv --folds 5\n"
	"\n"
	"A search tries settings that are drawn from a space, a JSON file:\n"
	"\n"
	"  {\"learning_rate\": {\"min\": 1e-5, \"max\": 1e-3, \"log\": true},\n"
	"   \"per_device_train_batch_size\": [8, 16, 32]}\n"
	"\n"
	"  revue search reviews.csv --space space.json --max-trials 9 -o search\n"
	"\n"
	"Nine trials train for a ninth of their steps, the best three go on to a third,\n"
	"the best one to its end. All are runs: `revue runs search`, or the Runs screen.\n"
	"Measure what it has chosen once more, on rows that took no part in the choice.\n";

static const char plain[] =
	"PLAIN: the screens in lines\n"
	"\n"
	"`revue --plain` says what the screens show, in lines that are only ever\n"
	"appended: for screen readers, braille displays, pipes, and terminals that cannot\n"
	"move their cursor (TERM=dumb). Nothing is drawn and nothing is coloured.\n"
	"\n"
	"Type the name of an action and what it is told, or a key:\n"
	"\n"
	"  data, reviews, train, score, runs   the screens\n"
	"  17                  opens line 17: a review, a setting, a chart, a run\n"
	"  n, /waitress, filter label=negative confidence<0.6\n"
	"  look, repeat        the screen once more; what was said last once more\n"
	"  help, quit          all actions of the present screen first; leaving\n"
	"\n"
	"On the Score screen each line is a review, and its labels are told with their\n"
	"percent and the words that count most; :reviews leaves, an empty line ends it.\n"
	"\n"
	"A training is told in sentences: warnings and its end at once, how far it is\n"
	"every 20 seconds (`set announce 60`, or 0: only what matters). Nothing is said\n"
	"while you type. A chart is a sentence; its number opens it as a small table.\n";

const struct topic topics[] = {
	{"labels", "what a model learns to tell apart", labels},
	{"splits", "why some reviews are held back", splits},
	{"overfitting", "learning by heart, and what helps", overfitting},
	{"metrics", "accuracy, precision, recall, F1", metrics},
	{"calibration", "whether a score of 90 % means 90 %", calibration},
	{"learning-rate", "how large a step is", learning_rate},
	{"search", "which settings, and how sure that is", search},
	{"tokens", "how a model reads", tokens},
	{"lora", "training a small part of a model", lora},
	{"distillation", "a small model that learns from large ones", distillation},
	{"plain", "the screens in lines, for screen readers", plain},
	{NULL, NULL, NULL},
};
