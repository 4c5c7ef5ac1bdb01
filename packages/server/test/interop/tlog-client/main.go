// Reads a log of this project with the client modules of another one.
//
//	tlog-client <folder or URL> <vkey> <origin> <earlier checkpoint> <entry> <.tlog-proof>
//
// It verifies the checkpoint, recomputes every leaf from its bundle, proves every entry from the
// tiles, proves that the log extends the earlier checkpoint, and verifies the proof file offline.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	tlogproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"
)

type fetcher interface {
	ReadCheckpoint(ctx context.Context) ([]byte, error)
	ReadTile(ctx context.Context, level, index uint64, p uint8) ([]byte, error)
	ReadEntryBundle(ctx context.Context, index uint64, p uint8) ([]byte, error)
}

func main() {
	if len(os.Args) != 7 {
		fmt.Fprintln(os.Stderr, "usage: tlog-client LOG VKEY ORIGIN EARLIER ENTRY PROOF")
		os.Exit(4)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	origin := args[2]
	key, err := note.NewVerifier(args[1])
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	source, err := open(args[0])
	if err != nil {
		return err
	}
	checkpoint, _, _, err := client.FetchCheckpoint(ctx, source.ReadCheckpoint, key, origin)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	builder, err := client.NewProofBuilder(ctx, checkpoint.Size, source.ReadTile)
	if err != nil {
		return fmt.Errorf("tiles: %w", err)
	}
	if err := proveEntries(ctx, source, builder, checkpoint); err != nil {
		return err
	}
	earlier, err := proveExtends(ctx, builder, checkpoint, args[3], origin, key)
	if err != nil {
		return err
	}
	index, err := verifyProofFile(args[4], args[5], origin, key)
	if err != nil {
		return err
	}
	fmt.Printf("checkpoint of %d verified; %d of %d entries proven from tiles; extends checkpoint of %d; proof file of entry %d verified\n",
		checkpoint.Size, checkpoint.Size, checkpoint.Size, earlier, index)
	return nil
}

func open(place string) (fetcher, error) {
	if !strings.HasPrefix(place, "http://") {
		return client.FileFetcher{Root: place}, nil
	}
	root, err := url.Parse(place)
	if err != nil {
		return nil, err
	}
	return client.NewHTTPFetcher(root, http.DefaultClient)
}

func proveEntries(ctx context.Context, source fetcher, builder *client.ProofBuilder, checkpoint *log.Checkpoint) error {
	hasher := rfc6962.DefaultHasher
	for at := uint64(0); at < checkpoint.Size; {
		bundle, err := client.GetEntryBundle(ctx, source.ReadEntryBundle, at/layout.EntryBundleWidth, checkpoint.Size)
		if err != nil {
			return fmt.Errorf("bundle of entry %d: %w", at, err)
		}
		if len(bundle.Entries) == 0 {
			return fmt.Errorf("bundle of entry %d is empty", at)
		}
		for _, entry := range bundle.Entries {
			hashes, err := builder.InclusionProof(ctx, at)
			if err != nil {
				return fmt.Errorf("proof of entry %d: %w", at, err)
			}
			leaf := hasher.HashLeaf(entry)
			if err := proof.VerifyInclusion(hasher, at, checkpoint.Size, leaf, hashes, checkpoint.Hash); err != nil {
				return fmt.Errorf("entry %d: %w", at, err)
			}
			at++
		}
	}
	return nil
}

func proveExtends(ctx context.Context, builder *client.ProofBuilder, now *log.Checkpoint, file, origin string, key note.Verifier) (uint64, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	earlier, _, _, err := log.ParseCheckpoint(raw, origin, key)
	if err != nil {
		return 0, fmt.Errorf("earlier checkpoint: %w", err)
	}
	hashes, err := builder.ConsistencyProof(ctx, earlier.Size, now.Size)
	if err != nil {
		return 0, fmt.Errorf("consistency: %w", err)
	}
	return earlier.Size, proof.VerifyConsistency(rfc6962.DefaultHasher, earlier.Size, now.Size, hashes, earlier.Hash, now.Hash)
}

func verifyProofFile(entryFile, proofFile, origin string, key note.Verifier) (uint64, error) {
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return 0, err
	}
	raw, err := os.ReadFile(proofFile)
	if err != nil {
		return 0, err
	}
	var read tlogproof.TLogProof
	if err := read.Unmarshal(raw); err != nil {
		return 0, fmt.Errorf("proof file: %w", err)
	}
	if !bytes.Equal(read.Marshal(), raw) {
		return 0, fmt.Errorf("proof file: written again it is another one")
	}
	checkpoint, _, _, err := log.ParseCheckpoint(read.Checkpoint, origin, key)
	if err != nil {
		return 0, fmt.Errorf("checkpoint of the proof file: %w", err)
	}
	hashes := make([][]byte, len(read.Hashes))
	for at := range read.Hashes {
		hashes[at] = read.Hashes[at][:]
	}
	hasher := rfc6962.DefaultHasher
	return read.Index, proof.VerifyInclusion(hasher, read.Index, checkpoint.Size, hasher.HashLeaf(entry), hashes, checkpoint.Hash)
}
