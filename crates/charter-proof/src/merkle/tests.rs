//! Every size to 600, and random ones to a million: trees against the definition, and against `tlog_tiles`.

use std::convert::Infallible;

use proptest::prelude::*;

use super::{
    Frontier, Nodes, consistency_proof, empty_root, inclusion_proof, leaf_hash, node_hash, root,
    verify_consistency, verify_inclusion,
};
use crate::canonical::Digest;

/// Every complete subtree of a tree, by level.
#[derive(Default)]
struct Kept(Vec<Vec<Digest>>);

impl Nodes for Kept {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Infallible> {
        Ok(self.0[usize::from(level)][usize::try_from(index).unwrap()])
    }
}

fn leaf(index: u64) -> Digest {
    leaf_hash(&index.to_be_bytes())
}

/// The tree of so many leaves: what it keeps, and the root after each leaf.
fn grown(size: u64) -> (Kept, Vec<Digest>) {
    let (mut kept, mut frontier) = (Kept::default(), Frontier::default());
    let mut roots = vec![frontier.root()];
    for index in 0..size {
        frontier.push(leaf(index), |node| {
            if kept.0.len() == usize::from(node.level) {
                kept.0.push(Vec::new());
            }
            let level = &mut kept.0[usize::from(node.level)];
            assert_eq!(level.len(), usize::try_from(node.index).unwrap());
            level.push(node.hash);
        });
        roots.push(frontier.root());
    }
    assert_eq!(frontier.size(), size);
    (kept, roots)
}

/// The definition, word for word (RFC 6962 §2.1).
fn defined(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        many => {
            let left = many.len().next_power_of_two() / 2;
            node_hash(&defined(&many[..left]), &defined(&many[left..]))
        }
    }
}

#[test]
fn the_root_is_the_standards_at_every_size_to_600() {
    let (kept, roots) = grown(600);
    let leaves: Vec<_> = (0..600).map(leaf).collect();
    for (size, grown) in roots.iter().enumerate() {
        assert_eq!(*grown, defined(&leaves[..size]), "{size}");
        assert_eq!(*grown, root(&kept, size.try_into().unwrap()).unwrap());
    }
}

#[test]
fn every_leaf_is_proven_in_every_tree_to_260_and_in_no_other_place() {
    let (kept, roots) = grown(260);
    for size in 1..=260_u64 {
        let root = &roots[usize::try_from(size).unwrap()];
        for index in 0..size {
            let path = inclusion_proof(&kept, index, size).unwrap();
            verify_inclusion(&leaf(index), index, size, &path, root).unwrap();
            let elsewhere = (index + 1) % (size + 1);
            assert!(verify_inclusion(&leaf(index), elsewhere, size, &path, root).is_err());
            assert!(verify_inclusion(&leaf(index + 1), index, size, &path, root).is_err());
            let longer = [path.clone(), vec![leaf(0)]].concat();
            assert!(verify_inclusion(&leaf(index), index, size, &longer, root).is_err());
            if let Some((_, shorter)) = path.split_last() {
                assert!(verify_inclusion(&leaf(index), index, size, shorter, root).is_err());
            }
        }
    }
}

#[test]
fn every_tree_to_160_continues_every_smaller_one_and_no_other() {
    let (kept, roots) = grown(160);
    for size in 0..=160_usize {
        for old in 0..=size {
            let (n, m) = (size.try_into().unwrap(), old.try_into().unwrap());
            let path = consistency_proof(&kept, m, n).unwrap();
            let check = |old_root, new_root, path: &[Digest]| {
                verify_consistency(m, old_root, n, new_root, path)
            };
            check(&roots[old], &roots[size], &path).unwrap();
            let other = leaf(7);
            assert!(check(&roots[old], &other, &path).is_err() || old == 0);
            assert!(check(&other, &roots[size], &path).is_err());
            let longer = [path.clone(), vec![other]].concat();
            assert!(check(&roots[old], &roots[size], &longer).is_err());
            if let Some((_, shorter)) = path.split_last() {
                assert!(check(&roots[old], &roots[size], shorter).is_err());
            }
        }
    }
}

#[test]
fn what_lies_outside_the_tree_has_no_proof() {
    let (kept, roots) = grown(5);
    assert!(inclusion_proof(&kept, 5, 5).is_err());
    assert!(consistency_proof(&kept, 6, 5).is_err());
    assert!(verify_inclusion(&leaf(0), 5, 5, &[], &roots[5]).is_err());
    assert!(verify_inclusion(&leaf(0), 0, 0, &[], &roots[0]).is_err());
    assert!(verify_consistency(6, &roots[5], 5, &roots[5], &[]).is_err());
    assert!(Frontier::from_peaks(5, vec![leaf(0)]).is_none());
}

#[test]
fn a_frontier_goes_on_from_its_peaks() {
    let mut frontier = Frontier::default();
    for index in 0..77 {
        frontier.push(leaf(index), |_| ());
        let mut again = Frontier::from_peaks(frontier.size(), frontier.peaks().to_vec()).unwrap();
        let mut on = frontier.clone();
        again.push(leaf(1000), |_| ());
        on.push(leaf(1000), |_| ());
        assert_eq!(again.root(), on.root());
    }
}

mod against_tlog_tiles {
    use tlog_tiles::tlog;

    use super::*;

    fn theirs(digest: &Digest) -> tlog::Hash {
        tlog::Hash(*digest.as_bytes())
    }

    /// Hashes as that crate stores them.
    struct Stored(Vec<tlog::Hash>);

    impl tlog::HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
            let hash = |index: &u64| self.0[usize::try_from(*index).unwrap()];
            Ok(indexes.iter().map(hash).collect())
        }
    }

    fn stored(size: u64) -> Stored {
        let mut stored = Stored(Vec::new());
        for index in 0..size {
            let hashes = tlog::stored_hashes(index, &index.to_be_bytes(), &stored).unwrap();
            stored.0.extend(hashes);
        }
        stored
    }

    fn compare(kept: &Kept, roots: &[Digest], stored: &Stored, index: u64, size: u64) {
        let root = theirs(&roots[usize::try_from(size).unwrap()]);
        assert_eq!(tlog::tree_hash(size, stored).unwrap(), root);
        let ours: Vec<_> = inclusion_proof(kept, index, size).unwrap();
        let ours: Vec<_> = ours.iter().map(theirs).collect();
        assert_eq!(tlog::prove_record(size, index, stored).unwrap(), ours);
        tlog::check_record(&ours, size, root, index, theirs(&leaf(index))).unwrap();
        let ours: Vec<_> = consistency_proof(kept, index + 1, size).unwrap();
        let ours: Vec<_> = ours.iter().map(theirs).collect();
        assert_eq!(tlog::prove_tree(size, index + 1, stored).unwrap(), ours);
    }

    #[test]
    fn roots_and_proofs_are_the_same_at_every_size_to_600() {
        let ((kept, roots), stored) = (grown(600), stored(600));
        for size in 1..=600 {
            for index in [0, size / 3, size / 2, size - 1] {
                compare(&kept, &roots, &stored, index, size);
            }
        }
    }

    #[test]
    fn roots_and_proofs_are_the_same_at_random_sizes_to_a_million() {
        let size = 1_000_000;
        let ((kept, roots), stored) = (grown(size), stored(size));
        proptest!(ProptestConfig::with_cases(500), |(size in 1..=size, at in 0..1_000_000_u64)| {
            compare(&kept, &roots, &stored, at % size, size);
        });
    }
}
