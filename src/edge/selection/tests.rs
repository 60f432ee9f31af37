use super::*;
use proptest::prelude::*;

const NEAR: f64 = 1e-9;

fn choice(priority: u16, weight: u16, answers: bool) -> Choice {
    Choice { priority, weight, answers }
}

/// One priority where everybody answers.
fn alive(weights: &[u16]) -> Vec<Choice> {
    weights.iter().map(|weight| choice(10, *weight, true)).collect()
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found_one, expected_one) in found.iter().zip(expected) {
        assert!((found_one - expected_one).abs() < NEAR, "{found:?} is not {expected:?}");
    }
}

#[track_caller]
fn assert_rfc(choices: &[Choice], draw: Draw, expected: &[f64]) {
    assert_near(&rfc2782(choices, draw).unwrap(), expected);
}

/// What RFC 2782 says, to the letter, of records in this arrangement: zeros are put first, running
/// sums are made, and each number from `least` to the sum is as likely as the other. Returns how
/// likely each record is taken next; `least` is 1 only where there is a sum to draw from.
fn letter(weights: &[u16], least: u32) -> Vec<f64> {
    let mut list: Vec<usize> = (0..weights.len()).collect();
    list.sort_by_key(|place| weights[*place] != 0);
    let sum: u32 = weights.iter().map(|weight| u32::from(*weight)).sum();
    let least = least.min(sum);
    let mut taken = vec![0.0; weights.len()];
    for number in least..=sum {
        let mut running = 0;
        let first = list.iter().find(|place| {
            running += u32::from(weights[**place]);
            running >= number
        });
        taken[*first.unwrap()] += 1.0 / f64::from(sum + 1 - least);
    }
    taken
}

fn arrangements(list: &[usize]) -> Vec<Vec<usize>> {
    if list.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in list.iter().enumerate() {
        let mut rest = list.to_vec();
        rest.remove(at);
        for mut tail in arrangements(&rest) {
            tail.insert(0, *first);
            all.push(tail);
        }
    }
    all
}

/// Walks every arrangement and every draw of one priority.
fn by_hand(choices: &[Choice], left: &[usize], least: u32, chance: f64, asked: &mut [f64]) {
    let all = arrangements(left);
    let mut next = vec![0.0; choices.len()];
    for arrangement in &all {
        let weights: Vec<u16> = arrangement.iter().map(|place| choices[*place].weight).collect();
        for (place, taken) in arrangement.iter().zip(letter(&weights, least)) {
            next[*place] += taken / all.len() as f64;
        }
    }
    for place in left {
        let here = chance * next[*place];
        asked[*place] += here;
        if here > 0.0 && left.len() > 1 && !choices[*place].answers {
            let rest: Vec<usize> = left.iter().copied().filter(|other| other != place).collect();
            by_hand(choices, &rest, least, here, asked);
        }
    }
}

#[test]
fn the_letter_of_the_rfc_favours_the_first() {
    assert_near(&letter(&[1, 1], 0), &[2.0 / 3.0, 1.0 / 3.0]);
    assert_near(&letter(&[1, 1], 1), &[0.5, 0.5]);
    assert_near(&letter(&[9, 0], 0), &[0.9, 0.1]);
    assert_near(&letter(&[9, 0], 1), &[1.0, 0.0]);
    assert_near(&letter(&[0, 0], 0), &[1.0, 0.0]);
}

#[test]
fn priorities_come_before_weights() {
    let all = [choice(20, 99, true), choice(10, 0, true), choice(30, 1, true)];
    for draw in [Draw::FromOne, Draw::FromZero] {
        assert_rfc(&all, draw, &[0.0, 1.0, 0.0]);
        let mut first_dead = all;
        first_dead[1].answers = false;
        assert_rfc(&first_dead, draw, &[1.0, 1.0, 0.0]);
        assert_rfc(&all.map(|choice| Choice { answers: false, ..choice }), draw, &[1.0, 1.0, 1.0]);
        assert_rfc(&[], draw, &[]);
    }
}

#[test]
fn weights_share_one_priority() {
    assert_rfc(&alive(&[1, 3]), Draw::FromOne, &[0.25, 0.75]);
    // 5 numbers: 1 is the first's, 2 to 4 the second's, 0 that of whoever stands first.
    assert_rfc(&alive(&[1, 3]), Draw::FromZero, &[1.5 / 5.0, 3.5 / 5.0]);
    assert_rfc(&alive(&[0, 9]), Draw::FromOne, &[0.0, 1.0]);
    assert_rfc(&alive(&[0, 9]), Draw::FromZero, &[0.1, 0.9]);
    assert_rfc(&alive(&[0, 0, 8]), Draw::FromZero, &[1.0 / 18.0, 1.0 / 18.0, 8.0 / 9.0]);
    for draw in [Draw::FromOne, Draw::FromZero] {
        assert_rfc(&alive(&[0, 0, 0, 0]), draw, &[0.25; 4]);
        assert_rfc(&alive(&[50, 50]), draw, &[0.5; 2]);
        assert_rfc(&alive(&[u16::MAX, u16::MAX]), draw, &[0.5; 2]);
    }
}

#[test]
fn dead_records_are_asked_first_as_often_as_their_weight_says() {
    let mut choices = alive(&[3, 1]);
    choices[0].answers = false;
    assert_rfc(&choices, Draw::FromOne, &[0.75, 1.0]);
    assert_rfc(&choices, Draw::FromZero, &[3.5 / 5.0, 1.0]);
    // Weights 2 and 1 dead, 1 alive: 2/4 + 1/4 * 2/3, and 1/4 + 2/4 * 1/2.
    let choices = [choice(5, 2, false), choice(5, 1, false), choice(5, 1, true)];
    assert_rfc(&choices, Draw::FromOne, &[2.0 / 3.0, 0.5, 1.0]);
    // The dead have weight, the only one that answers has none.
    let choices = [choice(5, 2, false), choice(5, 0, true), choice(5, 0, false)];
    assert_rfc(&choices, Draw::FromOne, &[1.0, 1.0, 0.5]);
}

#[test]
fn an_access_edge_asks_one_record() {
    let edge = |choices: &[Choice]| access_edge(choices);
    assert_near(&edge(&[choice(20, 9, true), choice(10, 0, false)]), &[0.0, 1.0]);
    assert_near(&edge(&[choice(10, 10, true), choice(10, 50, true)]), &[0.0, 1.0]);
    let toss = [choice(10, 50, true), choice(10, 50, false), choice(10, 1, true)];
    assert_near(&edge(&toss), &[0.5, 0.5, 0.0]);
    assert_near(&edge(&[choice(0, u16::MAX, true), choice(0, 0, true)]), &[1.0, 0.0]);
    assert!(edge(&[]).is_empty());
}

#[test]
fn many_records_are_computed_or_refused() {
    let same: Vec<Choice> = (0..5000).map(|place| choice(1, 7, place % 2 == 0)).collect();
    let asked = rfc2782(&same, Draw::FromZero).unwrap();
    let sum: f64 =
        asked.iter().zip(&same).filter(|(_, choice)| choice.answers).map(|(chance, _)| chance).sum();
    assert!((sum - 1.0).abs() < NEAR, "{sum}");
    let different: Vec<Choice> = (0..5000).map(|place| choice(1, place, place % 2 == 0)).collect();
    assert!(rfc2782(&different, Draw::FromZero).is_none());
    assert!(rfc2782(&different, Draw::FromOne).is_some());
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let one = (0_u16..3, prop_oneof![Just(0_u16), 0_u16..6, any::<u16>()], any::<bool>());
    prop::collection::vec(one.prop_map(|(priority, weight, answers)| choice(priority, weight, answers)), 1..9)
}

/// One priority with small weights, for [`by_hand`].
fn small() -> impl Strategy<Value = Vec<Choice>> {
    prop::collection::vec((0_u16..5, any::<bool>()).prop_map(|(weight, up)| choice(1, weight, up)), 1..6)
}

proptest! {
    #[test]
    fn all_arrangements_and_draws_agree(choices in small()) {
        let all: Vec<usize> = (0..choices.len()).collect();
        for (draw, least) in [(Draw::FromOne, 1), (Draw::FromZero, 0)] {
            let mut expected = vec![0.0; choices.len()];
            by_hand(&choices, &all, least, 1.0, &mut expected);
            assert_rfc(&choices, draw, &expected);
        }
    }

    #[test]
    fn shares_of_those_that_answer_are_one(choices in choices()) {
        for draw in [Draw::FromOne, Draw::FromZero] {
            let asked = rfc2782(&choices, draw).unwrap();
            let answered: f64 =
                asked.iter().zip(&choices).filter(|(_, choice)| choice.answers).map(|(chance, _)| chance).sum();
            if choices.iter().any(|choice| choice.answers) {
                prop_assert!((answered - 1.0).abs() < NEAR, "{asked:?}");
            } else {
                prop_assert!(asked.iter().all(|chance| *chance == 1.0));
            }
            prop_assert!(asked.iter().all(|chance| (0.0..=1.0 + NEAR).contains(chance)), "{asked:?}");
        }
        let edge: f64 = access_edge(&choices).iter().sum();
        prop_assert!((edge - 1.0).abs() < NEAR);
    }

    #[test]
    fn the_order_received_decides_nothing((choices, shuffled) in choices().prop_flat_map(|choices| {
        let places: Vec<usize> = (0..choices.len()).collect();
        (Just(choices), Just(places).prop_shuffle())
    })) {
        let moved: Vec<Choice> = shuffled.iter().map(|place| choices[*place]).collect();
        let back = |asked: &[f64]| -> Vec<f64> { shuffled.iter().map(|place| asked[*place]).collect() };
        for draw in [Draw::FromOne, Draw::FromZero] {
            assert_rfc(&moved, draw, &back(&rfc2782(&choices, draw).unwrap()));
        }
        assert_near(&access_edge(&moved), &back(&access_edge(&choices)));
    }

    /// Whoever is dead only delays: drawn from 1, those that answer share as if it were not there.
    #[test]
    fn shares_are_those_without_the_dead(choices in choices()) {
        let asked = rfc2782(&choices, Draw::FromOne).unwrap();
        let alive: Vec<Choice> = choices.iter().copied().filter(|choice| choice.answers).collect();
        let shares: Vec<f64> =
            asked.into_iter().zip(&choices).filter(|(_, choice)| choice.answers).map(|(chance, _)| chance).collect();
        assert_rfc(&alive, Draw::FromOne, &shares);
    }
}
