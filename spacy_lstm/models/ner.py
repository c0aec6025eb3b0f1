"""Named entity recognition with a linear-chain CRF over a recurrent encoder."""

from spacy.tokens import Doc
from thinc.api import Model, chain
from thinc.types import Floats2d

from ..layers.crf import crf
from ..layers.resize import resize
from ..modules.crf.tag_scheme import TAG_SCHEMES
from .checks import check_choice, check_outputs
from .tagger import emission_over

NAME = "spacy-lstm.CRFTagger.v1"
# Tags of labels that are added to a trained model start with a low probability, so that
# the other labels keep theirs.
NEW_TAG_BIAS = -10.0
# Most tokens are outside of entities. An untrained model predicts no entities.
OUTSIDE_BIAS = 3.0


def build_crf_tagger(
    tok2vec: Model[list[Doc], list[Floats2d]],
    scheme: str = "biluo",
    nO: int | None = None,
) -> Model[list[Doc], list[Floats2d]]:
    """Make a linear-chain CRF over the tags of entities.

    tok2vec (Model[List[Doc], List[Floats2d]]): The network that embeds the tokens.
    scheme (str): The tag scheme: "biluo", or "bio", which has half as many tags.
    nO (int | None): Number of tags; set by the component.
    RETURNS (Model[List[Doc], List[Floats2d]]): The model, which returns the emissions.
        *Shape* for each document: (n_tokens, n_tags)
    RAISES (ValueError): If an argument is invalid.
    """
    check_choice(NAME, "scheme", scheme, list(TAG_SCHEMES))
    check_outputs(NAME, nO)
    emission = emission_over(tok2vec, nO, OUTSIDE_BIAS)
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
    """Add outputs for the tags of new labels.

    model (Model[List[Doc], List[Floats2d]]): The model, modified in place.
    nO (int): The new number of tags.
    RETURNS (Model[List[Doc], List[Floats2d]]): The same model.
    """
    resize(model.get_ref("output_layer"), {"bias": NEW_TAG_BIAS}, nO=nO)
    resize(model.get_ref("crf"), {}, nO=nO)
    model.set_dim("nO", nO, force=True)
    return model
