"""Named entities over recurrent encoders, by a linear-chain CRF."""

from spacy.tokens import Doc
from thinc.api import Model, chain
from thinc.types import Floats2d

from ..layers.crf import crf
from ..layers.resize import resize
from ..modules.crf.tag_scheme import TAG_SCHEMES
from .checks import check_choice, check_outputs
from .tagger import emission_over

NAME = "spacy-lstm.CRFTagger.v1"
# The tags of a label that is added to a trained model start out as improbable as this,
# so that other labels keep their probabilities, and can still be learned.
EMISSION_OF_NEW_TAG = -10.0


def build_crf_tagger(
    tok2vec: Model[list[Doc], list[Floats2d]],
    scheme: str = "biluo",
    nO: int | None = None,
) -> Model[list[Doc], list[Floats2d]]:
    """Make a model of entities that scores each tag of each token, and paths of tags.

    tok2vec (Model[List[Doc], List[Floats2d]]): Gives a vector for each token.
    scheme (str): How entities are spelled as tags: "biluo", or "bio", which has half as
        many tags.
    nO (int | None): Number of tags; set by the component.
    RETURNS (Model[List[Doc], List[Floats2d]]): The model, whose output are the
        emissions. *Shape* for each document: (n_tokens, n_tags)
    RAISES (ValueError): If an argument is invalid.
    """
    check_choice(NAME, "scheme", scheme, list(TAG_SCHEMES))
    check_outputs(NAME, nO)
    emission = emission_over(tok2vec, nO)
    paths = crf(scheme, nO)
    model: Model[list[Doc], list[Floats2d]] = chain(tok2vec, emission, paths)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", emission)
    model.set_ref("crf", paths)
    model.attrs["scheme"] = scheme
    model.attrs["resize_output"] = resize_output
    return model


def resize_output(
    model: Model[list[Doc], list[Floats2d]], nO: int
) -> Model[list[Doc], list[Floats2d]]:
    """Make room for the tags of new labels.

    model (Model[List[Doc], List[Floats2d]]): The model, which is changed.
    nO (int): Its new number of tags.
    RETURNS (Model[List[Doc], List[Floats2d]]): The same model.
    """
    resize(model.get_ref("output_layer"), {"bias": EMISSION_OF_NEW_TAG}, nO=nO)
    resize(model.get_ref("crf"), {}, nO=nO)
    model.set_dim("nO", nO, force=True)
    return model
