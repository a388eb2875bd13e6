// Command interop checks the log format of this package against other people's implementations of it:
// golang.org/x/mod/sumdb (tree, tiles, notes) and github.com/transparency-dev/formats (cosignatures, proofs, policies).
//
//	interop read DIR    verifies the log that the TypeScript side wrote into DIR
//	interop write DIR   writes a log into DIR for the TypeScript side to verify
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: interop read|write DIR"))
	}
	switch os.Args[1] {
	case "read":
		fail(read(os.Args[2]))
	case "write":
		fail(write(os.Args[2]))
	default:
		fail(errors.New("usage: interop read|write DIR"))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tilePath is the path of C2SP tlog-tiles; that of sumdb has the height of the tiles in it.
func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tile.H), "tile/", 1)
}

// directory serves the tiles of a directory to the sumdb implementation.
type directory string

func (d directory) Height() int                         { return tileHeight }
func (d directory) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		read, err := os.ReadFile(filepath.Join(string(d), tilePath(tile)))
		if err != nil {
			return nil, err
		}
		data[i] = read
	}
	return data, nil
}

func read(dir string) error {
	names := []string{"log.vkey", "w1.vkey", "w2.vkey", "checkpoint", "policy", "tlog-proof"}
	file := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		file[name] = string(data)
	}
	logKey, err := note.NewVerifier(file["log.vkey"])
	if err != nil {
		return fmt.Errorf("log key: %w", err)
	}
	ed25519Cosigner, err := fnote.NewVerifierForCosignatureV1(file["w1.vkey"])
	if err != nil {
		return fmt.Errorf("Ed25519 cosigner key: %w", err)
	}
	mldsaCosigner, err := fnote.NewMLDSAVerifier(file["w2.vkey"])
	if err != nil {
		return fmt.Errorf("ML-DSA-44 cosigner key: %w", err)
	}
	opened, err := note.Open([]byte(file["checkpoint"]), note.VerifierList(logKey, ed25519Cosigner, mldsaCosigner))
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if len(opened.Sigs) != 3 {
		return fmt.Errorf("checkpoint: %d signatures verified, not 3", len(opened.Sigs))
	}
	var checkpoint log.Checkpoint
	if _, err := checkpoint.Unmarshal([]byte(opened.Text)); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	group, err := witness.ParsePolicy([]byte(file["policy"]))
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	if !group.Satisfied([]byte(file["checkpoint"])) {
		return errors.New("policy: not satisfied by the checkpoint")
	}
	return readTree(directory(dir), checkpoint, file["tlog-proof"])
}

func readTree(dir directory, checkpoint log.Checkpoint, tlogProof string) error {
	tree := tlog.Tree{N: int64(checkpoint.Size)}
	copy(tree.Hash[:], checkpoint.Hash)
	hashes := tlog.TileHashReader(tree, dir)
	for n := int64(0); n < tree.N; n++ {
		entry, err := dir.entry(n, tree.N)
		if err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		inclusion, err := tlog.ProveRecord(tree.N, n, hashes)
		if err != nil {
			return fmt.Errorf("inclusion %d: %w", n, err)
		}
		if err := tlog.CheckRecord(inclusion, tree.N, tree.Hash, n, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("inclusion %d: %w", n, err)
		}
	}
	var ours proof.TLogProof
	if err := ours.Unmarshal([]byte(tlogProof)); err != nil {
		return fmt.Errorf("tlog-proof: %w", err)
	}
	entry, err := dir.entry(int64(ours.Index), tree.N)
	if err != nil {
		return fmt.Errorf("tlog-proof: %w", err)
	}
	path := make(tlog.RecordProof, len(ours.Hashes))
	for i, hash := range ours.Hashes {
		copy(path[i][:], hash[:])
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, int64(ours.Index), tlog.RecordHash(entry)); err != nil {
		return fmt.Errorf("tlog-proof: %w", err)
	}
	if !bytes.Equal(ours.Marshal(), []byte(tlogProof)) {
		return errors.New("tlog-proof: written differently")
	}
	return nil
}

// entry reads one entry out of its bundle.
func (d directory) entry(n, size int64) ([]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: -1, N: n / tileWidth, W: int(min(tileWidth, size-n/tileWidth*tileWidth))}
	bundle, err := os.ReadFile(filepath.Join(string(d), strings.Replace(tilePath(tile), "tile/data/", "tile/entries/", 1)))
	if err != nil {
		return nil, err
	}
	for i := int64(0); ; i++ {
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return nil, errors.New("bundle too short")
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if i == n%tileWidth {
			return bundle[2 : 2+length], nil
		}
		bundle = bundle[2+length:]
	}
}

// memory keeps the hashes of a log in the order of sumdb.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = m[index]
	}
	return hashes, nil
}

func write(dir string) error {
	const origin, size = "go.example/log", int64(70_000)
	var hashes memory
	bundle := []byte{}
	for n := int64(0); n < size; n++ {
		entry := []byte(fmt.Sprintf("go entry %d", n))
		added, err := tlog.StoredHashes(n, entry, hashes)
		if err != nil {
			return err
		}
		hashes = append(hashes, added...)
		bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
		if n%tileWidth == tileWidth-1 || n == size-1 {
			tile := tlog.Tile{H: tileHeight, L: -1, N: n / tileWidth, W: int(n%tileWidth) + 1}
			path := strings.Replace(tilePath(tile), "tile/data/", "tile/entries/", 1)
			if err := save(dir, path, bundle); err != nil {
				return err
			}
			bundle = bundle[:0]
		}
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		data, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		if err := save(dir, tilePath(tile), data); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return err
	}
	return sign(dir, origin, size, root, hashes)
}

func sign(dir, origin string, size int64, root tlog.Hash, hashes memory) error {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	cosignerKey, cosignerVKey, err := note.GenerateKey(rand.Reader, "go.example/w1")
	if err != nil {
		return err
	}
	ed25519Cosigner, err := fnote.NewSignerForCosignatureV1(cosignerKey)
	if err != nil {
		return err
	}
	ed25519VKey, err := fnote.VKeyToCosignatureV1(cosignerVKey)
	if err != nil {
		return err
	}
	mldsaKey, mldsaVKey, err := fnote.GenerateMLDSAKey("go.example/w2")
	if err != nil {
		return err
	}
	mldsaCosigner, err := fnote.NewMLDSASigner(mldsaKey)
	if err != nil {
		return err
	}
	text := log.Checkpoint{Origin: origin, Size: uint64(size), Hash: root[:]}.Marshal()
	checkpoint, err := note.Sign(&note.Note{Text: string(text)}, signer, ed25519Cosigner, mldsaCosigner)
	if err != nil {
		return err
	}
	const index = 12_345
	path, err := tlog.ProveRecord(size, index, hashes)
	if err != nil {
		return err
	}
	tlogProof := proof.TLogProof{Index: index, Checkpoint: checkpoint, ExtraData: []byte("extra")}
	for _, hash := range path {
		tlogProof.Hashes = append(tlogProof.Hashes, [32]byte(hash))
	}
	policy := fmt.Sprintf("log %s\nwitness one %s\nwitness two %s\ngroup both all one two\nquorum both\n", vkey, ed25519VKey, mldsaVKey)
	for name, data := range map[string][]byte{"checkpoint": checkpoint, "policy": []byte(policy), "tlog-proof": tlogProof.Marshal()} {
		if err := save(dir, name, data); err != nil {
			return err
		}
	}
	return nil
}

func save(dir, path string, data []byte) error {
	full := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, data, 0o644)
}
