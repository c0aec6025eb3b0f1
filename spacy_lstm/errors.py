"""Every message that a user can see."""

from confection import ConfigValidationError


class MessagesWithCodes(type):
    """Shows the code of each message in front of it, as spaCy does."""

    def __getattribute__(cls, name: str) -> str:
        message = super().__getattribute__(name)
        return message if name.startswith("__") else f"[{name}] {message}"


class Errors(metaclass=MessagesWithCodes):
    """Templates of error messages: what is wrong, with which value, and what to do."""

    # Architectures and layers
    L001 = "{name}: `{argument}` is {value!r}. Set `{argument}` to one of: {known}."
    L002 = (
        "{name}: `hidden` is {hidden!r}. Set it to a number of units from 1 to "
        "16,384, or to a list of such numbers, one for each layer."
    )
    L003 = (
        "{name}: `depth` is {depth!r} while `hidden` is {hidden!r}. Set `depth` to a "
        "number of layers from 1 to 100; where `hidden` is a list, its length is the "
        "depth, so leave `depth` out or make the two agree."
    )
    L004 = (
        "{name}: unknown pooling {pooling!r}. Set `pooling` to one of {known}, or to "
        "a list of several of these, each once."
    )
    L005 = (
        "{name}: `{argument}` is {rate!r}. Set it to a rate from 0 up to, but not "
        "including, 1, or to null for the rate of [training]."
    )
    L007 = (
        "{name} was made for vectors of width {expected}, but the layer before it "
        "gives a width of {found}. Set `width` of the two to one number in the config, "
        "and initialize the pipeline anew."
    )
    L008 = (
        "{name} has no weights yet. Call `nlp.initialize` or load a trained pipeline "
        "before using it."
    )
    L009 = (
        "{name}: the saved weights don't fit: {reason}. Copy the whole folder again "
        "where it is damaged, and load it with the config.cfg that is in it."
    )
    L011 = (
        "{name}: `connection` is {connection!r} while `hidden` is {hidden!r}. A "
        "connection leads around layers of one width: set `hidden` to one number, or "
        "`connection` to null."
    )
    L012 = (
        "{name}: `precision` is 'bf16', which the device {device!r} doesn't have. Set "
        "`precision` to 'fp32', or to 'auto' for bf16 only where there is such."
    )
    L013 = (
        "{name}: `width` is {width!r}. Set it to an even number from 2 to 16,384, "
        "since two directions share it."
    )
    L014 = "{name}: `depth` is {depth!r}. Set it to a number of layers from 1 to 100."
    L015 = (
        "{name}: `{argument}` is {factor!r}. Set it to 0 or to a finite number above 0."
    )
    L016 = (
        "{name}: `window` is {window!r}. Set it to a number of tokens above 0, or to "
        "null to read each document whole."
    )
    L017 = (
        "{name}: `overlap` is {overlap!r} while `window` is {window!r}. Set it to a "
        "number of tokens from 0 up to, but not including, `window`; to 0 without one."
    )
    L018 = (
        "This backward pass was made before, and its graph is gone. Call the first one "
        "with `retain_graph=True`."
    )

    L019 = (
        "{name}: `attrs` is {attrs!r}. Give a list of token attributes, each once, "
        'such as ["NORM", "PREFIX", "SUFFIX", "SHAPE"].'
    )

    # Text categorization
    L020 = (
        "'{name}' has no labels. Annotate `doc.cats` in the training examples, give "
        "labels in [initialize.components.{name}.labels], or call `add_label`."
    )
    L021 = (
        "'{name}' has one label only, {label!r}, and would always predict it. Add a "
        "second label, or use 'lstm_textcat_multilabel' for a yes-or-no question."
    )
    L022 = (
        "'{name}': the truth of label {label!r} is {value!r} in the example "
        "{text!r}. Set it to a number from 0 (wrong) to 1 (right)."
    )
    L023 = (
        "'{name}': the truths {cats!r} of the example {text!r} add up to more than 1, "
        "but exactly one label of this component is right. Correct the annotation, or "
        "use 'lstm_textcat_multilabel'. If some of these labels are those of another "
        "component, list those of '{name}' as `labels` in "
        "[initialize.components.{name}]."
    )
    L026 = (
        "'{name}': the positive label {label!r} needs to be one of two labels, but the "
        "labels are {labels!r}. Correct [initialize.components.{name}.positive_label] "
        "or leave it out."
    )
    L027 = (
        "'{name}': `label_smoothing` is {value!r}. Set it to a number from 0 up to, "
        "but not including, 1."
    )
    L028 = (
        "'{name}': `class_weights` is {value!r}. Set it to null, to \"balanced\", or "
        "to a table of labels with weights above 0."
    )
    L029 = (
        "'{name}': `class_weights` has an entry for {unknown!r}, which is no label. "
        "The labels are {labels!r}."
    )
    L030 = (
        "'{name}': can't load {source}: {reason}. Nothing was changed. The "
        "saved component is damaged or was made with another config: copy the whole "
        "folder again, or train anew. To change a setting, load the pipeline, change "
        "`nlp.get_pipe('{name}').cfg`, and save it."
    )
    L031 = (
        "'{name}': can't load {source}, which was made for the labels {saved!r}, while "
        "this component has the labels {labels!r}. Nothing was changed. Load the "
        "folder with `spacy.load`, or into a component without labels."
    )
    L032 = (
        "'{name}' listens to '{upstream}' with a width of {expected}, but '{upstream}' "
        "gives vectors of width {found}. Set the width of the listener to {found}."
    )
    L033 = (
        "'{name}': the model has `exclusive_classes` = {found}, but this component "
        "needs {expected}. Set `exclusive_classes` in [components.{name}.model] to "
        "{expected}, or use '{other}'."
    )
    L034 = (
        "'{name}': the model can't be initialized: {reason}. If widths differ, make "
        "them agree in [components.{name}.model]."
    )

    # Embedding of lexemes
    L035 = (
        "{name}: `attrs` has {n_attrs} entries, but `rows` has {n_rows}. Give one "
        "number of rows for each attribute."
    )
    L036 = (
        "{name}: there is no attribute {attr!r}. Set `attrs` to attributes of a token, "
        'such as ["NORM", "PREFIX", "SUFFIX", "SHAPE"].'
    )
    L037 = (
        "{name}: `rows` is {rows!r}. Set it to a list of numbers from 1 to 2**24, such "
        "as [5000, 1000, 2500, 2500]."
    )
    L039 = (
        "{name}: `unknown_rate` is {rate!r}, but none of the attributes {attrs!r} is a "
        "word's own. Add one of {known} to `attrs`, or set `unknown_rate` to 0."
    )
    L040 = (
        "{name}: nothing is embedded. Give `attrs` or `chars`, or set "
        "`include_static_vectors` to true."
    )
    L041 = (
        "{name}: `include_static_vectors` is true, but the vocabulary has no vectors. "
        "Name a pipeline with vectors in `vectors` of [initialize], as by "
        "`--paths.vectors`, or set `include_static_vectors` to false."
    )
    L042 = (
        "{name}: `include_static_vectors` is true, but there is no document whose "
        "vocabulary has the vectors. Initialize the pipeline with examples."
    )
    L043 = (
        "{name} was made for static vectors of width {expected}, but those of the "
        "vocabulary have a width of {found}. Load the whole pipeline, with its "
        "vocabulary, or initialize it anew."
    )
    L044 = (
        "{name}: `unknown_rate` is {rate!r}. Set it to a rate from 0 up to, but not "
        "including, 1."
    )

    # Tagging
    L045 = (
        "'{name}' has no labels. Annotate {annotation} in the training examples, or "
        "give labels in [initialize.components.{name}.labels]."
    )
    L046 = (
        "'{name}' has one label only, {label!r}, and would always predict it. Annotate "
        "{annotation} with a second one, or leave the component out."
    )
    L047 = (
        "'{name}': no token of the training examples has an annotation, so there is "
        "nothing to learn. Annotate {annotation}."
    )
    L048 = (
        "'{name}': the labels are {labels!r}. Give {expected}, such as the JSON that "
        "`spacy init labels` writes."
    )
    L049 = (
        "'{name}': the model has {n_outputs} outputs, but there are {n_labels} labels. "
        "Labels can't be added to a model that has its outputs: give the new labels a "
        "component of its own, or train one anew with all of them."
    )

    # Named entities
    L050 = (
        "'{name}': `threshold` is {threshold!r}. Set it to a probability from 0 to 1."
    )
    L051 = (
        "'{name}': `n_best` is {n_best!r} while `spans_key` is {spans_key!r}. Set "
        "`n_best` to a number of paths above 0, and for more than one, name the key of "
        "`doc.spans` that they are listed under in `spans_key`."
    )
    L052 = "'{name}': {label!r} is no label. Give a string that is not empty."
    L053 = (
        "'{name}': the entity {span!r} with the label {label!r} is annotated in "
        "`doc.ents`, and as wrong in `doc.spans[{key!r}]`, of the example {text!r}. "
        "Take it out of one of them."
    )
    L054 = (
        "'{name}': the component that it listens to has not read {text!r}. Let it read "
        'first: `example.predicted = nlp.get_pipe("tok2vec")(example.predicted)`.'
    )

    # Commands
    L060 = "{path} exists already. Name another output, or write over it by `--force`."
    L061 = (
        "No pipeline can be loaded from {model!r}: {reason} Name a folder that "
        "`spacy train` wrote, such as training/model-best, or an installed package."
    )
    L062 = "There is no {path}. Name a .spacy file, or a folder of such."
    L063 = (
        "{path} can't be read: {reason} Name a .spacy file, as `spacy convert` and "
        "`spacy lstm convert` write it."
    )
    L064 = "{path} holds no document. Name a file with annotated documents."
    L065 = "There is no {path}. Name {expected}."
    L066 = "The format of {path} can't be told. Give it by `--type`: one of {known}."
    L067 = (
        "{path}, line {line}: {found} is not UTF-8. Save the file as UTF-8, such as by "
        "`iconv -f latin1 -t utf-8`."
    )
    L068 = (
        "{path}, line {line}: expected {expected}, but found {found}. Correct the "
        "line, or take it out."
    )
    L069 = (
        "`--split` is {split!r}. Give one to three numbers above 0 that add up to 100, "
        "the shares of train, dev and test, such as 80,10,10."
    )
    L070 = (
        "{name} can't be trained: {reason}. Correct that, and run the command again; "
        "folds that are trained already are kept as long as nothing else changes."
    )
    L071 = (
        "'{name}' learns {annotation}, which {path} doesn't have. Name data that is "
        "annotated with it, or a config of another pipeline."
    )
    L072 = (
        "There are too few documents for `--{option} {value}`: {n_docs}. Add some, or "
        "divide them into fewer parts."
    )
    L073 = (
        "The label {label!r} of `{annotation}` is in {n_docs} of the documents, all of "
        "them in fold {fold}, so that it would be unknown in training. Add documents "
        "with it, take it out, or try fewer folds or another seed."
    )
    L074 = (
        "{path} holds a cross-validation that differs in: {difference}. Name another "
        "output, or begin anew by `--force`."
    )
    L075 = (
        "There is no task {task!r}. Give one of {known}, or several of them with "
        "commas between."
    )
    L076 = "The task {task!r} is there twice. Give each task once."
    L077 = "`--{option}` is {value!r}. Set it to one of: {known}."
    L078 = (
        "There is no language {lang!r}. Give a code that spaCy has, such as en, or xx "
        "for a language that it doesn't have."
    )
    L079 = (
        "The tokenizer of the language {lang!r} can't be made: {reason} Install what "
        "it needs first."
    )
    L080 = (
        "No static vectors can be loaded from {vectors!r}: {reason} Name a folder that "
        "`spacy init vectors` wrote, or an installed package with vectors."
    )
    L081 = "{path} can't be written: {reason}. Name another output."
    L082 = "{path} doesn't end in one of: {known}. Name an output that does."
    L083 = (
        "{path} can't be read: {reason}. Name a log that `spacy train` wrote, such as "
        "training/progress.jsonl."
    )
    L084 = (
        "{path}: line {number} is no row of a training log, was cut off, or its step "
        "doesn't come after the one before. Name a file that "
        "spacy-lstm.ProgressLogger.v1 wrote, or take the line out."
    )
    L085 = "{path} holds no row with numbers. Name a log with at least one evaluation."
    L086 = "{package} is not installed. Install it by: pip install {package}"
    L087 = (
        "`--gpu-id` is {gpu_id}, which can't be used: {reason} Set it to -1 for none."
    )
    L088 = (
        "{model!r} can't read the documents of {path}: {reason} Name a trained "
        "pipeline, and documents of its language."
    )

    # Explanations
    L089 = "The text has no words. Give some to explain."
    L090 = (
        "There is no component{asked} that can be explained. Those that can are text "
        "classifiers, taggers, morphologizers and entity recognizers without beam "
        "search; in this pipeline: {names}."
    )
    L091 = (
        "'{name}' can't be explained: the layer {layer!r} of its model reads the text "
        "in another way than by an `embed` block or a bag of words. Train it with a "
        "spacy.Tok2Vec.v2."
    )
    L092 = "'{name}': {label!r} is no label. The labels are {labels!r}."
    L093 = "`token` is {token!r}. Give the number of a token, from 0 to {last}."
    L094 = (
        "There is no decision to explain: no entity was found, or none with this label "
        "or token. Give another text, component, label or token."
    )
    L095 = (
        "'{name}' has no weights of attention. Explain it by gradients, or train a "
        'spacy-lstm.TextCatRNN.v1 with "attention" in `pooling`.'
    )

    # Training
    L096 = "{name}: `{argument}` is {value!r}. Set it to a rate from 0 to 1."
    L097 = (
        "{name}: `{argument}` is {path!r}, which can't be read: {reason}. Name a file "
        "of JSON with a table in it, or give the table itself."
    )
    L098 = (
        "{name}: `{argument}` has {values!r} for {key!r}. Give a table of strings, "
        "each with a list of {expected}, at least one."
    )
    L099 = (
        "{name}: `keyboard` is {rows!r}. Give a list of rows of keys, such as "
        '["qwertyuiop", "asdfghjkl", "zxcvbnm"].'
    )
    L100 = (
        "{name} has no augmenters. Give each a block of its own, such as "
        "[corpora.train.augmenter.*.typos]."
    )
    L115 = (
        "{name}: one of `augmenters` is {value!r}, which is no function. Give each a "
        "block with a name under `@augmenters`."
    )
    L119 = (
        "{name}: `max_chars` is {largest!r} while `min_chars` is {smallest!r}. Set "
        "`max_chars` to 0, or to `min_chars` or more."
    )
    L101 = "{name}: `{argument}` is {value!r}. Set it to {expected}."
    L102 = (
        "{name} is told no scores, so that the rate would never fall. Set `@loggers` "
        "in [training.logger] to 'spacy-lstm.ProgressLogger.v1', alone or as one of a "
        "'spacy.ChainLogger.v1'."
    )
    L103 = (
        "{name}: {n_steps} steps of training in a row were skipped, since their loss "
        "or gradient was not finite. Set a lower `learn_rate` or a lower `grad_clip`, "
        "both above 0, in [training.optimizer], set `precision` of the encoder to "
        "'fp32', and look for NaN and infinity in the static vectors."
    )
    L104 = "{name}: `kinds` is {kinds!r}. Give a list of some of: {known}."
    L105 = (
        "'{name}': the logit of {label!r} isn't finite, and can't be explained. "
        "Train it with two labels or more, and with a lower `learn_rate` if its "
        "weights are not finite either."
    )
    L106 = (
        "'{name}' can't be explained: it listens to '{upstream}', which is disabled. "
        "Enable it, such as by `nlp.enable_pipe`."
    )
    L107 = "{path} can't be run: {reason}. Correct the code, or name another file."
    L108 = (
        "`token` is {token!r}, but '{name}' labels whole texts. Leave `token` out, or "
        "name a tagger or an entity recognizer in `component`."
    )
    L109 = (
        "'{name}' can't read the text: {reason} If it was not trained, load a trained "
        "pipeline."
    )

    L110 = (
        "'{name}': `adversarial` is {value!r}. Set it to 0 or to a finite number above "
        "0, such as 0.05."
    )
    L111 = (
        "'{name}': `adversarial` is {value!r}, but the model has no recurrent encoder "
        "of its own. Set `adversarial` to 0, or give the model a `spacy.Tok2Vec.v2` "
        "with a `spacy-lstm.RNNEncoder.v1`."
    )
    L112 = (
        "{name}: `linear_model` is {found!r}. Set its `@architectures` to "
        "'spacy-lstm.TextCatNgrams.v1', or `linear_model` to null."
    )
    L117 = (
        "'{name}': `drop` is {drop!r}. Set it to a rate from 0 up to, but not "
        "including, 1."
    )
    L114 = (
        "'{name}': the labels are {labels!r}, but those of the training examples in "
        "`doc.cats` are {found!r}. Correct `labels` in [initialize.components.{name}], "
        "or the annotation."
    )
    L113 = (
        "{name} has not been fitted. Use it as the `linear_model` of a "
        "spacy-lstm.TextCatRNN.v2 in 'lstm_textcat' or 'lstm_textcat_multilabel': they "
        "fit it when they are initialized."
    )


class Messages:
    """Templates of log messages."""

    M001 = (
        "'{name}': fitted {n_features} n-grams of {n_docs} documents with a cost of "
        "{cost:g}. Score of the n-grams alone in cross-validation: {score:.1%}"
    )
    M002 = (
        "'{name}': there are no n-grams in the model, since none occurs in `min_df` or "
        "more of the {n_docs} training documents, or these have fewer than two labels"
    )


def first_line(error: Exception) -> str:
    """RETURNS (str): The first line of an error's message, as a sentence."""
    # The text of a KeyError stands between quotation marks.
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    line = str(text).strip().partition("\n")[0].rstrip(". ")
    return f"{line}."


def one_line(error: BaseException) -> str:
    """RETURNS (str): Type and whole message of an error, without a full stop."""
    if isinstance(error, ConfigValidationError):
        error = ConfigValidationError.from_error(error, title="", show_config=False)
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}".rstrip(".: ")


class Warnings(metaclass=MessagesWithCodes):
    """Templates of warnings."""

    W001 = (
        "{name}: `unknown_rate` has no effect, since the words of the training data "
        "were not counted. The components of this package count them when they are "
        "initialized; set `unknown_rate` to 0 where there is none of these. Expected "
        "during `spacy pretrain`."
    )
    W002 = (
        "'{name}': some entities of the training data can't be learned, since they "
        "don't start and end where tokens do, or start or end with whitespace; their "
        "tokens count as missing. In all: {n_lost}. The first one is {span!r} with the "
        "label {label!r}, in {text!r}. Correct the offsets, or the tokenizer."
    )
    W004 = (
        "'{name}' and '{other}' both have the labels {labels!r}. In `doc.cats`, the "
        "later component of the pipeline overwrites the other one. Give each labels of "
        "its own in [initialize.components]."
    )
    W005 = (
        "'{name}': {n_skipped} of {n_examples} training examples have no annotation in "
        "`doc.cats` for any of its labels, and are skipped."
    )
    W006 = (
        "'{name}' listens to a shared tok2vec that has not read the documents, so that "
        "its predictions are meaningless. Put the tok2vec before it, and enable it; or "
        "when sourcing the component, give it a copy by "
        '`replace_listeners = ["model.tok2vec"]`.'
    )
    W007 = (
        "'{name}': the labels {labels!r} are right in no training example. The labels "
        "in `doc.cats` are {found!r}. Correct `labels` in "
        "[initialize.components.{name}] if this is a mistake."
    )
    W008 = (
        "'{name}': the labels {labels!r} are wrong in no training example, so that it "
        "will always predict them: missing labels count for nothing. Set labels to 0.0 "
        "in `doc.cats` where they are wrong."
    )
    W009 = (
        "'{name}': nothing was calibrated, since no example has tokens and annotation "
        "in `doc.cats`."
    )
    W065 = (
        "Some entities don't start and end where tokens do; their tokens count as "
        "missing. In all: {n_lost}. The first one is {span!r} with the label "
        "{label!r}. Correct the offsets, or name the language of the texts by `--lang`."
    )
    W066 = (
        "No font of this machine has all characters of the text, so that some are "
        "drawn as boxes. Install one, such as Noto Sans CJK, or name an output of "
        ".html."
    )
    W003 = (
        "{name}: a step of training was skipped, since its loss or gradient was not "
        "finite, and changed nothing. Later ones are only counted, and ten in a row "
        "stop the training. If there are many, set a lower `learn_rate` in "
        "[training.optimizer]."
    )
