import numpy as np
import pytest
from purchase_histories import AS_OF, two_tastes

from mindgap.personalize.history import pair, read_history
from mindgap.personalize.recommenders import neighbours
from mindgap.personalize.recommenders.neighbours import interests, nearest, neighbourhood_prediction


def test_neighbourhood_formula():
    assert neighbourhood_prediction(np.array([4.0, 2.0]), np.array([1.0, 3.0])) == pytest.approx(2.5)
    assert np.isnan(neighbourhood_prediction(np.array([np.nan, 2.0]), np.array([1.0, 0.0])))


def test_similarity_is_the_cosine_of_interests():
    pairs = pair(read_history(two_tastes(), AS_OF))
    interest = interests(pairs, 61)
    dense = np.zeros((len(pairs.row_start) - 1, 61))
    dense[pairs.customer, pairs.product] = interest
    assert np.linalg.norm(dense, axis=1) == pytest.approx(1.0, abs=1e-5)
    cosine = dense @ dense.T
    np.fill_diagonal(cosine, 0.0)
    neighbour, similarity = nearest(pairs, interest, seed=1)
    rows = np.arange(len(dense))[:, None]
    assert similarity == pytest.approx(np.where(similarity > 0, cosine[rows, neighbour], 0.0), abs=1e-5)
    assert np.sort(similarity, axis=1) == pytest.approx(
        np.sort(cosine, axis=1)[:, -similarity.shape[1] :], abs=1e-5
    )


def test_nobody_is_their_own_neighbour():
    pairs = pair(read_history(two_tastes(), AS_OF))
    neighbour, similarity = nearest(pairs, interests(pairs, 61), seed=1)
    own = neighbour == np.arange(len(neighbour))[:, None]
    assert not (own & (similarity > 0)).any()


def test_neighbours_share_the_taste():
    pairs = pair(read_history(two_tastes(), AS_OF))
    neighbour, similarity = nearest(pairs, interests(pairs, 61), seed=1)
    rows = np.arange(len(neighbour))
    closest = neighbour[rows, similarity.argmax(axis=1)]
    assert (closest % 2 == rows % 2).all()
    assert similarity.shape[1] == neighbours.NEIGHBOURS
