// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The steps that each entry takes on one core, one by one: where a change makes one slower, this
//! says which. `cargo bench -p constancia-bench --bench steps` compares with the last time.

use std::hint::black_box;

use bytes::Bytes;
use constancia_bench::workload::Workload;
use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::{decode_signed_entry, verify_entry};
use constancia_ledger::id::{EntryId, PayloadHash};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use prost::Message as _;

fn measure_steps(criterion: &mut Criterion) {
    let work = Workload::new(100);
    let entry = work.entries.last().expect("an entry").clone();
    let bytes: Bytes = entry.encode_to_vec().into();
    let signature = work.bare_signatures(1);
    let payload = entry.payload.clone().unwrap_or_default();
    let known: KnownKeys = work
        .people
        .iter()
        .flat_map(|person| [person.key(), person.node_key()])
        .filter_map(|key| Some((key, key.to_verifying_key()?)))
        .collect();
    let mut group = criterion.benchmark_group("entry");
    group.throughput(Throughput::Elements(1));
    group.bench_function("bare verify_strict", |bench| bench.iter(|| signature[0].holds()));
    group.bench_function("id", |bench| bench.iter(|| EntryId::of_header(black_box(&entry.header))));
    group.bench_function("payload hash", |bench| {
        bench.iter(|| PayloadHash::of(black_box(&[0; 16]), black_box(&payload)));
    });
    group.bench_function("decode", |bench| {
        bench.iter(|| decode_signed_entry(black_box(&bytes)).expect("an entry"));
    });
    group.bench_function("decode and verify", |bench| {
        bench.iter(|| {
            let entry = decode_signed_entry(black_box(&bytes)).expect("an entry");
            verify_entry(entry, work.ledger, &known).expect("an entry that holds")
        });
    });
    group.finish();
}

criterion_group!(steps, measure_steps);
criterion_main!(steps);
