"""Every message that a user can see."""

from confection import ConfigValidationError


class MessagesWithCodes(type):
    """Shows the code of each message in front of it, as `ErrorsWithCodes` of spaCy.

    Its own class, since `modules` raise errors and don't import spaCy.
    """

    def __getattribute__(cls, name: str) -> str:
        message = super().__getattribute__(name)
        return message if name.startswith("__") else f"[{name}] {message}"


class Errors(metaclass=MessagesWithCodes):
    """Templates of error messages: what is wrong, with which value, and what to do."""

    # Architectures and layers
    L001 = "{name}: `{argument}` is {value!r}. Set `{argument}` to one of: {known}."
    L002 = (
        "{name}: `hidden` is {hidden!r}. Set it to a number of units from 1 to 16,384, "
        "or to a list of such numbers, one per layer."
    )
    L003 = (
        "{name}: `depth` is {depth!r} while `hidden` is {hidden!r}. Set `depth` to a "
        "number of layers from 1 to 100. If `hidden` is a list, leave `depth` out or "
        "set it to the length of the list."
    )
    L004 = (
        "{name}: unknown pooling {pooling!r}. Set `pooling` to one of {known}, or to a "
        "list of several of these without duplicates."
    )
    L005 = (
        "{name}: `{argument}` is {rate!r}. Set it to a rate of at least 0 and less "
        "than 1, or to null to use `dropout` of [training]."
    )
    L007 = (
        "{name} was made for vectors of width {expected}, but the layer before it "
        "gives a width of {found}. Set `width` of both layers to the same number in "
        "the config, and initialize the pipeline again."
    )
    L008 = (
        "{name} has no weights yet. Call `nlp.initialize` or load a trained pipeline "
        "before using it."
    )
    L009 = (
        "{name}: the saved weights don't fit: {reason}. If the folder is damaged, copy "
        "all of it again. Load it with the config.cfg that it contains."
    )
    L011 = (
        "{name}: `connection` is {connection!r} while `hidden` is {hidden!r}. "
        "Connections need layers of the same width: set `hidden` to one number, or "
        "`connection` to null."
    )
    L012 = (
        "{name}: `precision` is 'bf16', which the device {device!r} doesn't support. "
        "Set `precision` to 'fp32', or to 'auto' to use bf16 only where it is "
        "supported."
    )
    L013 = (
        "{name}: `width` is {width!r}. Set it to an even number from 2 to 16,384, half "
        "of it for each direction."
    )
    L014 = "{name}: `depth` is {depth!r}. Set it to a number of layers from 1 to 100."
    L015 = (
        "{name}: `{argument}` is {factor!r}. Set it to a finite number of at least 0."
    )
    L016 = (
        "{name}: `window` is {window!r}. Set it to a number of tokens above 0, or to "
        "null to process each document as a whole."
    )
    L017 = (
        "{name}: `overlap` is {overlap!r} while `window` is {window!r}. Set `overlap` "
        "to a number of tokens of at least 0 and less than `window`, or to 0 if "
        "`window` is null."
    )
    L018 = (
        "The graph of this backward pass has already been freed. Call the first "
        "backward pass with `retain_graph=True`."
    )

    L019 = (
        "{name}: `attrs` is {attrs!r}. Give a list of token attributes without "
        'duplicates, such as ["NORM", "PREFIX", "SUFFIX", "SHAPE"].'
    )

    # Text categorization
    L020 = (
        "'{name}' has no labels. Annotate `doc.cats` in the training examples, provide "
        "labels in [initialize.components.{name}.labels], or call `add_label`."
    )
    L021 = (
        "'{name}' has only one label, {label!r}, and would always predict it. Add a "
        "second label, or use 'lstm_textcat_multilabel' for a yes-or-no question."
    )
    L022 = (
        "'{name}': the gold value of the label {label!r} is {value!r} in the example "
        "{text!r}. Set it to a number from 0 (false) to 1 (true)."
    )
    L023 = (
        "'{name}': the gold values {cats!r} of the example {text!r} add up to more "
        "than 1, but exactly one label of this component can be true. Correct the "
        "annotation, or use 'lstm_textcat_multilabel'. If some of these labels belong "
        "to another component, list those of '{name}' as `labels` in "
        "[initialize.components.{name}]."
    )
    L026 = (
        "'{name}': `positive_label` is {label!r}, but the labels are {labels!r}. It "
        "requires exactly two labels and has to be one of them. Correct "
        "[initialize.components.{name}.positive_label], or leave it out."
    )
    L027 = (
        "'{name}': `label_smoothing` is {value!r}. Set it to a number of at least 0 "
        "and less than 1."
    )
    L028 = (
        "'{name}': `class_weights` is {value!r}. Set it to null, to \"balanced\", or "
        "to a table that maps labels to weights above 0."
    )
    L029 = (
        "'{name}': `class_weights` has an entry for {unknown!r}, which is not a label. "
        "Remove the entry, or use one of the labels {labels!r}."
    )
    L030 = (
        "'{name}': can't load {source}: {reason}. Nothing was changed. The saved "
        "component is damaged or was made with another config: copy the whole folder "
        "again, or train a new pipeline. To change a setting, load the pipeline, "
        "change `nlp.get_pipe('{name}').cfg`, and save it."
    )
    L031 = (
        "'{name}': can't load {source}, which was made for the labels {saved!r}, while "
        "this component has the labels {labels!r}. Nothing was changed. Load the "
        "folder with `spacy.load`, or into a component without labels."
    )
    L032 = (
        "'{name}' listens to '{upstream}' with a width of {expected}, but the vectors "
        "of '{upstream}' have a width of {found}. Set the width of the listener to "
        "{found}."
    )
    L033 = (
        "'{name}': the model has `exclusive_classes` = {found}, but this component "
        "needs {expected}. Set `exclusive_classes` in [components.{name}.model] to "
        "{expected}, or use '{other}'."
    )
    L034 = (
        "'{name}': the model can't be initialized: {reason}. If widths differ, correct "
        "them in [components.{name}.model]."
    )

    # Embedding of lexemes
    L035 = (
        "{name}: `attrs` has {n_attrs} entries, but `rows` has {n_rows}. Give one "
        "number of rows per attribute."
    )
    L036 = (
        "{name}: there is no attribute {attr!r}. Set `attrs` to token attributes, such "
        'as ["NORM", "PREFIX", "SUFFIX", "SHAPE"].'
    )
    L037 = (
        "{name}: `rows` is {rows!r}. Set it to a list of numbers from 1 to 2**24, such "
        "as [5000, 1000, 2500, 2500]."
    )
    L039 = (
        "{name}: `unknown_rate` is {rate!r}, but none of the attributes {attrs!r} "
        "identifies a word. Add one of {known} to `attrs`, or set `unknown_rate` to 0."
    )
    L040 = (
        "{name}: there is nothing to embed. Set `attrs` or `chars`, or set "
        "`include_static_vectors` to true."
    )
    L041 = (
        "{name}: `include_static_vectors` is true, but the vocabulary has no vectors. "
        "Set `vectors` of [initialize] to a pipeline with vectors, for example with "
        "`--paths.vectors`, or set `include_static_vectors` to false."
    )
    L042 = (
        "{name}: `include_static_vectors` is true, but no document is given to read "
        "the vectors from. Initialize the pipeline with examples."
    )
    L043 = (
        "{name} was made for static vectors of width {expected}, but those of the "
        "vocabulary have a width of {found}. Load the whole pipeline including its "
        "vocabulary, or initialize it again."
    )
    L044 = (
        "{name}: `unknown_rate` is {rate!r}. Set it to a rate of at least 0 and less "
        "than 1."
    )

    # Tagging
    L045 = (
        "'{name}' has no labels. Annotate {annotation} in the training examples, or "
        "provide labels in [initialize.components.{name}.labels]."
    )
    L046 = (
        "'{name}' has only one label, {label!r}, and would always predict it. Annotate "
        "{annotation} with a second one, or leave the component out."
    )
    L047 = (
        "'{name}': no token of the training examples has an annotation, so there is "
        "nothing to learn. Annotate {annotation}."
    )
    L048 = (
        "'{name}': the labels are {labels!r}. Give {expected}, such as the JSON file "
        "that `spacy init labels` writes."
    )
    L049 = (
        "'{name}': the model has {n_outputs} outputs, but there are {n_labels} labels. "
        "The outputs of an initialized model are fixed: use a component of its own for "
        "the new labels, or train a new one with all of them."
    )

    # Named entities
    L050 = (
        "'{name}': `threshold` is {threshold!r}. Set it to a probability from 0 to 1."
    )
    L051 = (
        "'{name}': `n_best` is {n_best!r} while `spans_key` is {spans_key!r}. Set "
        "`n_best` to a number of paths above 0. For more than one, set `spans_key` to "
        "the key of `doc.spans` that stores them."
    )
    L052 = "'{name}': {label!r} is not a label. Use a non-empty string."
    L120 = (
        "'{name}': the entity label {label!r} starts with '!', which spaCy no longer "
        "supports for incorrect entities. Annotate these in `doc.spans` under "
        "`incorrect_spans_key`."
    )
    L053 = (
        "'{name}': the entity {span!r} with the label {label!r} is annotated as "
        "correct in `doc.ents` and as incorrect in `doc.spans[{key!r}]` of the example "
        "{text!r}. Remove one of the two annotations."
    )
    L054 = (
        "'{name}': the component that it listens to has not read {text!r}. Run that "
        "component first: `example.predicted = "
        'nlp.get_pipe("tok2vec")(example.predicted)`.'
    )

    # Commands
    L060 = "{path} already exists. Name another output, or overwrite it with `--force`."
    L061 = (
        "Can't load a pipeline from {model!r}: {reason} Give a folder that `spacy "
        "train` wrote, such as training/model-best, or the name of an installed "
        "package."
    )
    L062 = "There is no {path}. Give a .spacy file, or a folder of .spacy files."
    L063 = (
        "{path} can't be read: {reason} Give a .spacy file, as written by `spacy "
        "convert` or `spacy lstm convert`."
    )
    L064 = "{path} contains no documents. Give a file with annotated documents."
    L065 = "There is no {path}. Give {expected}."
    L066 = "The format of {path} is unknown. Set `--type` to one of: {known}."
    L067 = (
        "{path}, line {line}: {found} is not UTF-8. Save the file as UTF-8, for "
        "example with `iconv -f latin1 -t utf-8`."
    )
    L068 = (
        "{path}, line {line}: expected {expected}, but found {found}. Correct the "
        "line, or remove it."
    )
    L069 = (
        "`--split` is {split!r}. Give one to three numbers above 0 that add up to 100, "
        "the percentages for train, dev and test, such as 80,10,10."
    )
    L070 = (
        "{name} can't be trained: {reason}. Fix this and run the command again. "
        "Finished folds are kept unless something else changes."
    )
    L071 = (
        "'{name}' learns {annotation}, which {path} doesn't have. Give data with this "
        "annotation, or the config of another pipeline."
    )
    L072 = (
        "There are too few documents for `--{option} {value}`: {n_docs}. Add "
        "documents, or use fewer parts."
    )
    L073 = (
        "The label {label!r} of `{annotation}` is in {n_docs} of the documents, all of "
        "them in fold {fold}, so it would be unknown in training. Add documents with "
        "this label, remove it, or try fewer folds or another seed."
    )
    L074 = (
        "{path} contains a cross-validation with other settings: {difference}. Name "
        "another output, or start again with `--force`."
    )
    L075 = (
        "There is no task {task!r}. Use one of {known}, or several of them separated "
        "by commas."
    )
    L076 = "The task {task!r} occurs twice. Give each task once."
    L077 = "`--{option}` is {value!r}. Set it to one of: {known}."
    L078 = (
        "There is no language {lang!r}. Use a language code of spaCy, such as en, or "
        "xx for a language that spaCy doesn't support."
    )
    L079 = (
        "The tokenizer of the language {lang!r} can't be created: {reason} Install its "
        "dependencies first."
    )
    L080 = (
        "Can't load static vectors from {vectors!r}: {reason} Give a folder that "
        "`spacy init vectors` wrote, or the name of an installed package with vectors."
    )
    L081 = "{path} can't be written: {reason}. Name another output."
    L082 = (
        "{path} doesn't end in one of: {known}. Name an output with one of these "
        "extensions."
    )
    L083 = (
        "{path} can't be read: {reason}. Give a log that `spacy train` wrote, such as "
        "training/progress.jsonl."
    )
    L084 = (
        "{path}: line {number} is not a row of a training log, is cut off, or its step "
        "does not come after the previous one. Give a file that "
        "spacy-lstm.ProgressLogger.v1 wrote, or remove the line."
    )
    L085 = "{path} has no row with numbers. Give a log with at least one evaluation."
    L086 = "{package} is not installed. Install it with: pip install {package}"
    L087 = (
        "`--gpu-id` is {gpu_id}, but this GPU can't be used: {reason} Set it to -1 to "
        "use the CPU."
    )
    L088 = (
        "{model!r} can't process the documents of {path}: {reason} Give a trained "
        "pipeline, and documents in its language."
    )

    # Explanations
    L089 = "The text has no words. Give a text with at least one word."
    L090 = (
        "There is no component{asked} that can be explained. Supported are text "
        "classifiers, taggers, morphologizers and entity recognizers without beam "
        "search; in this pipeline: {names}."
    )
    L091 = (
        "'{name}' can't be explained: the layer {layer!r} of its model doesn't read "
        "the text through an `embed` block or a bag of words. Train the component with "
        "a spacy.Tok2Vec.v2."
    )
    L092 = "'{name}': {label!r} is not a label. Use one of the labels {labels!r}."
    L093 = "`token` is {token!r}. Set it to the index of a token, from 0 to {last}."
    L094 = (
        "There is no decision to explain: no entity was found, or none with this label "
        "or token. Try another text, component, label or token."
    )
    L095 = (
        "'{name}' has no attention weights. Explain it with gradients, or train a "
        'spacy-lstm.TextCatRNN.v1 with "attention" in `pooling`.'
    )

    # Training
    L096 = "{name}: `{argument}` is {value!r}. Set it to a rate from 0 to 1."
    L097 = (
        "{name}: `{argument}` is {path!r}, which can't be read: {reason}. Give a JSON "
        "file with a table, or the table itself."
    )
    L098 = (
        "{name}: `{argument}` has {values!r} for {key!r}. Give a table that maps each "
        "string to a non-empty list of {expected}."
    )
    L099 = (
        "{name}: `keyboard` is {rows!r}. Set it to a list of rows of keys, such as "
        '["qwertyuiop", "asdfghjkl", "zxcvbnm"].'
    )
    L100 = (
        "{name} has no augmenters. Add a block for each, such as "
        "[corpora.train.augmenter.*.typos]."
    )
    L115 = (
        "{name}: one of `augmenters` is {value!r}, which is not a function. Add a "
        "block with a name under `@augmenters` for each."
    )
    L119 = (
        "{name}: `max_chars` is {largest!r} while `min_chars` is {smallest!r}. Set "
        "`max_chars` to 0, or to at least `min_chars`."
    )
    L101 = "{name}: `{argument}` is {value!r}. Set it to {expected}."
    L102 = (
        "{name} receives no scores, so the learning rate would never fall. Set "
        "`@loggers` in [training.logger] to 'spacy-lstm.ProgressLogger.v1', alone or "
        "as part of a 'spacy.ChainLogger.v1'."
    )
    L103 = (
        "{name}: {n_steps} steps of training in a row were skipped because their loss "
        "or gradient was not finite. Set a lower `learn_rate` or a lower `grad_clip`, "
        "both above 0, in [training.optimizer], set `precision` of the encoder to "
        "'fp32', and check the static vectors for NaN and infinity."
    )
    L104 = "{name}: `kinds` is {kinds!r}. Give a list of one or more of: {known}."
    L105 = (
        "'{name}': the logit of {label!r} isn't finite and can't be explained. Train "
        "the component with at least two labels, and with a lower `learn_rate` if its "
        "weights are not finite either."
    )
    L106 = (
        "'{name}' can't be explained: it listens to '{upstream}', which is disabled. "
        "Enable it, for example with `nlp.enable_pipe`."
    )
    L107 = "{path} can't be run: {reason}. Correct the code, or name another file."
    L108 = (
        "`token` is {token!r}, but '{name}' labels whole texts. Leave `token` out, or "
        "set `component` to a tagger or an entity recognizer."
    )
    L109 = (
        "'{name}' can't read the text: {reason} If the pipeline is not trained, load a "
        "trained one."
    )

    L110 = (
        "'{name}': `adversarial` is {value!r}. Set it to a finite number of at least "
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
        "'{name}': `drop` is {drop!r}. Set it to a rate of at least 0 and less than 1."
    )
    L114 = (
        "'{name}': the labels are {labels!r}, but those of the training examples in "
        "`doc.cats` are {found!r}. Correct `labels` in [initialize.components.{name}], "
        "or the annotation."
    )
    L113 = (
        "{name} has not been fitted. Use it as the `linear_model` of a "
        "spacy-lstm.TextCatRNN.v2 in 'lstm_textcat' or 'lstm_textcat_multilabel', "
        "which fit it when they are initialized."
    )


class Messages:
    """Templates of log messages."""

    M001 = (
        "'{name}': fitted {n_features} n-grams of {n_docs} documents with a cost of "
        "{cost:g}. Cross-validation score of the n-grams alone: {score:.1%}"
    )
    M002 = (
        "'{name}': the model uses no n-grams because none occurs in at least `min_df` "
        "of the {n_docs} training documents, or because these have fewer than two "
        "labels"
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
        "{name}: `unknown_rate` has no effect because the words of the training data "
        "were not counted. The components of this package count them when they are "
        "initialized. Without such a component, set `unknown_rate` to 0. This warning "
        "is expected in `spacy pretrain`."
    )
    W002 = (
        "'{name}': some entities of the training data can't be learned because they "
        "don't align with tokens, or because they start or end with whitespace. Their "
        "tokens are treated as missing. In total: {n_lost}. The first one is {span!r} "
        "with the label {label!r}, in {text!r}. Correct the offsets, or the tokenizer."
    )
    W004 = (
        "'{name}' and '{other}' both have the labels {labels!r}. In `doc.cats`, the "
        "later component of the pipeline overwrites the predictions of the other one. "
        "Give each component its own labels in [initialize.components]."
    )
    W005 = (
        "'{name}': {n_skipped} of {n_examples} training examples have no annotation in "
        "`doc.cats` for any of its labels, and are skipped."
    )
    W006 = (
        "'{name}' listens to a shared tok2vec that has not read the documents, so its "
        "predictions are meaningless. Put the tok2vec before it and enable it, or give "
        "the component its own copy when you source it: `replace_listeners = "
        '["model.tok2vec"]`.'
    )
    W007 = (
        "'{name}': the labels {labels!r} are not true in any training example. The "
        "labels in `doc.cats` are {found!r}. Correct `labels` in "
        "[initialize.components.{name}] if this is a mistake."
    )
    W008 = (
        "'{name}': the labels {labels!r} are not false in any training example, so "
        "they will always be predicted. Missing labels are ignored: set labels to 0.0 "
        "in `doc.cats` where they are false."
    )
    W009 = (
        "'{name}': nothing was calibrated because no example has both tokens and "
        "annotation in `doc.cats`. Calibrate with annotated examples."
    )
    W065 = (
        "Some entities don't align with tokens. Their tokens are treated as missing. "
        "In total: {n_lost}. The first one is {span!r} with the label {label!r}. "
        "Correct the offsets, or set the language of the texts with `--lang`."
    )
    W066 = (
        "No installed font has all characters of the text, so some of them are drawn "
        "as boxes. Install a font that has them, such as Noto Sans CJK, or name an "
        ".html output."
    )
    W003 = (
        "{name}: a step of training was skipped because its loss or gradient was not "
        "finite. The weights did not change. Further skipped steps are only counted, "
        "and ten in a row stop the training. If there are many, set a lower "
        "`learn_rate` in [training.optimizer]."
    )
