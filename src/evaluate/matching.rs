//! Sets of several parts: how many there can be, and which pieces go to which part, where some pieces could go to several.
//!
//! Each piece goes to one part. There are enough pieces for all parts exactly where, for every group of parts, the pieces
//! that any part of the group could use are at least as many as the group needs (Hall's theorem). What the pieces of a
//! group are more than that is its spare; a piece may go to a part as long as no group without that part runs out of it.
//! Cost follows stocks and groups of parts, never pieces.

/// The most parts of a set: 255 groups.
pub(super) const MOST_PARTS: usize = 8;

/// Pieces on their way to the parts of sets.
#[derive(Debug, Default)]
pub(super) struct Matching {
    /// What each part still needs.
    open: Vec<u64>,
    /// What each group of parts has to spare, by the bits of its parts.
    spare: Vec<u64>,
}

impl Matching {
    /// Begins with pieces, given as the parts that they could go to and how many they are. Each set needs so many for
    /// each part. Answers how many sets there can be, at most `max`.
    pub(super) fn begin(&mut self, pieces: impl Iterator<Item = (u32, u32)>, needs: &[u32], max: u64) -> u64 {
        let groups = 1_usize.checked_shl(u32::try_from(needs.len()).unwrap_or(u32::MAX)).unwrap_or(1);
        self.spare.clear();
        self.spare.resize(groups, 0);
        let mut all = 0_u64;
        for (parts, count) in pieces {
            all = all.saturating_add(count.into());
            if let Some(sum) = usize::try_from(parts).ok().and_then(|parts| self.spare.get_mut(parts)) {
                *sum = sum.saturating_add(count.into());
            }
        }
        // Of each group, the pieces that could go nowhere else: summed up part by part.
        for part in bits(needs.len()) {
            for group in 0..groups {
                let without = self.spare.get(group & !part).copied().unwrap_or(0);
                if let Some(sum) = self.spare.get_mut(group).filter(|_| group & part != 0) {
                    *sum = sum.saturating_add(without);
                }
            }
        }
        // The pieces for a group are all but those that could only go to the others.
        let others = |group: usize| groups.saturating_sub(1) & !group;
        for group in 0..groups.saturating_add(1) / 2 {
            let (one, other) = (self.spare.get(group).copied(), self.spare.get(others(group)).copied());
            let (Some(one), Some(other)) = (one, other) else { continue };
            for (at, outside) in [(group, other), (others(group), one)] {
                if let Some(sum) = self.spare.get_mut(at) {
                    *sum = all.saturating_sub(outside);
                }
            }
        }
        let need_of = |group: usize| {
            let needs = needs.iter().zip(bits(needs.len())).filter(|(_, part)| group & part != 0);
            needs.fold(0_u64, |sum, (need, _)| sum.saturating_add(u64::from(*need)))
        };
        let sets = self.spare.iter().enumerate().skip(1);
        let sets = sets.fold(max, |most, (group, sum)| most.min(sum.checked_div(need_of(group)).unwrap_or(0)));
        for (group, sum) in self.spare.iter_mut().enumerate() {
            *sum = sum.saturating_sub(need_of(group).saturating_mul(sets));
        }
        self.open.clear();
        self.open.extend(needs.iter().map(|need| u64::from(*need).saturating_mul(sets)));
        sets
    }

    /// Adds one more set that is short of this part: as many pieces of it as the others can do without. Answers how many;
    /// none where the others lack some as well, or there is none of it.
    pub(super) fn one_short(&mut self, part: usize, needs: &[u32]) -> u64 {
        let Some(bit) = bits(needs.len()).nth(part) else { return 0 };
        let of_others = |group: usize| {
            let needs = needs.iter().zip(bits(needs.len())).filter(|(_, other)| group & other & !bit != 0);
            needs.fold(0_u64, |sum, (need, _)| sum.saturating_add(u64::from(*need)))
        };
        let mut most = needs.get(part).copied().map_or(0, u64::from);
        for (group, spare) in self.spare.iter().enumerate().skip(1) {
            let Some(beyond) = spare.checked_sub(of_others(group)) else { return 0 };
            if group & bit != 0 {
                most = most.min(beyond);
            }
        }
        if most == 0 {
            return 0;
        }
        for (group, spare) in self.spare.iter_mut().enumerate() {
            let own = if group & bit != 0 { most } else { 0 };
            *spare = spare.saturating_sub(of_others(group)).saturating_sub(own);
        }
        for (at, (open, need)) in self.open.iter_mut().zip(needs).enumerate() {
            *open = open.saturating_add(if at == part { most } else { u64::from(*need) });
        }
        most
    }

    /// How many of so many pieces, which could go to these parts, go to this one: as many as it needs, and the others can
    /// do without.
    pub(super) fn give(&mut self, part: usize, parts: u32, count: u32) -> u32 {
        let (Ok(parts), Some(bit)) = (usize::try_from(parts), bits(MOST_PARTS).nth(part)) else { return 0 };
        let Some(open) = self.open.get_mut(part).filter(|_| parts & bit != 0) else { return 0 };
        let hit = |group: usize| group & bit == 0 && group & parts != 0;
        let spare = self.spare.iter().enumerate().filter(|(group, _)| hit(*group));
        let most = spare.fold(u64::from(count).min(*open), |most, (_, spare)| most.min(*spare));
        *open = open.saturating_sub(most);
        for (_, spare) in self.spare.iter_mut().enumerate().filter(|(group, _)| hit(*group)) {
            *spare = spare.saturating_sub(most);
        }
        u32::try_from(most).unwrap_or(0)
    }
}

/// The bit of each part.
fn bits(parts: usize) -> impl Iterator<Item = usize> {
    (0..u32::try_from(parts).unwrap_or(0)).filter_map(|part| 1_usize.checked_shl(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: of pieces that both parts could use only as many go to the first as leave enough for the second.
    #[test]
    fn pieces_that_several_parts_could_use_are_shared() {
        let mut matching = Matching::default();
        // Three pieces only for the first part, four for either: two sets of 2 + 1 use 4 + 2 of 7.
        let pieces = [(0b01, 3), (0b11, 4)];
        assert_eq!(matching.begin(pieces.into_iter(), &[2, 1], u64::MAX), 2);
        assert_eq!(matching.give(0, 0b11, 4), 2, "two have to be left for the second part");
        assert_eq!(matching.give(0, 0b01, 3), 2);
        assert_eq!(matching.give(1, 0b11, 2), 2);
        assert_eq!(matching.give(1, 0b11, 1), 0);

        assert_eq!(matching.begin(pieces.into_iter(), &[1, 1], 1), 1);
        assert_eq!(matching.begin([(0b01, 9)].into_iter(), &[1, 1], u64::MAX), 0);
        assert_eq!(matching.begin([(0b11, 9)].into_iter(), &[2, 2], u64::MAX), 2);
        // One after the other, the dearest first, the first part would take the only piece of the second.
        assert_eq!(matching.begin([(0b11, 1), (0b01, 1)].into_iter(), &[1, 1], u64::MAX), 1);
        assert_eq!((matching.give(0, 0b11, 1), matching.give(0, 0b01, 1), matching.give(1, 0b11, 1)), (0, 1, 1));
        assert_eq!(matching.begin([(1, u32::MAX)].into_iter(), &[1], u64::MAX), u64::from(u32::MAX));
    }

    /// Worked by hand: buy two, get up to three.
    #[test]
    fn a_last_set_may_be_short_of_one_part() {
        let mut matching = Matching::default();
        // Five to buy and four to get: a whole set, and one with the piece that is left.
        let apart = [(0b01, 5), (0b10, 4)];
        assert_eq!(matching.begin(apart.into_iter(), &[2, 3], u64::MAX), 1);
        assert_eq!(matching.one_short(1, &[2, 3]), 1);
        assert_eq!((matching.give(1, 0b10, 4), matching.give(0, 0b01, 5)), (4, 4));
        // Of three that are for either, two are bought.
        assert_eq!(matching.begin([(0b11, 3)].into_iter(), &[2, 3], u64::MAX), 0);
        assert_eq!(matching.one_short(1, &[2, 3]), 1);
        assert_eq!((matching.give(1, 0b11, 3), matching.give(0, 0b11, 2)), (1, 2));
        // Nothing to get, and too few to buy.
        for pieces in [[(0b01, 5), (0b10, 0)], [(0b01, 1), (0b10, 4)]] {
            assert_eq!(matching.begin(pieces.into_iter(), &[2, 3], u64::MAX), 0);
            assert_eq!(matching.one_short(1, &[2, 3]), 0);
            assert_eq!(matching.give(1, 0b10, 4), 0);
        }
    }

    /// Against giving pieces out one by one in every possible way.
    #[test]
    fn the_most_sets_are_those_of_trying_all() {
        fn possible(pieces: &[u32], needs: &mut [u32]) -> bool {
            if needs.iter().all(|need| *need == 0) {
                return true;
            }
            let Some((first, rest)) = pieces.split_first() else { return false };
            let to = (0..needs.len()).any(|part| {
                if first & (1 << part) == 0 || needs[part] == 0 {
                    return false;
                }
                needs[part] -= 1;
                let found = possible(rest, needs);
                needs[part] += 1;
                found
            });
            to || possible(rest, needs)
        }
        let mut matching = Matching::default();
        let mut seed = 7_u32;
        for _ in 0..2_000 {
            let mut next = |below: u32| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 16) % below
            };
            let pieces: Vec<u32> = (0..next(9)).map(|_| 1 + next(7)).collect();
            let needs: Vec<u32> = (0..3).map(|_| 1 + next(2)).collect();
            let found = matching.begin(pieces.iter().map(|parts| (*parts, 1)), &needs, u64::MAX);
            let of = |sets: u32| needs.iter().map(|need| need * sets).collect::<Vec<_>>();
            let most = (0..).take_while(|sets| possible(&pieces, &mut of(*sets))).last();
            assert_eq!(Some(found), most.map(u64::from), "{pieces:?} {needs:?}");
            // Handed out in any order, all parts get what they need.
            let mut left = pieces.clone();
            for part in [2_usize, 0, 1] {
                left.retain(|parts| matching.give(part, *parts, 1) == 0);
            }
            assert!(matching.open.iter().all(|open| *open == 0), "{pieces:?} {needs:?}");
        }
    }
}
