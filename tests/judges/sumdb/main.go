// The Go checksum database's own code audits a registry's log: `main ADDRESS VKEY OLDER-CHECKPOINT`.
//
// It opens the checkpoint with the log's key, takes every hash from tiles that it authenticates against the root, checks that
// each entry of every bundle is included, and that the log continues the older checkpoint. Then it must refuse what is
// tampered with.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads tiles of C2SP tlog-tiles, which are those of the checksum database at other addresses.
type tiles struct {
	address string
	spoil   bool
}

func (tiles) Height() int { return 8 }

func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		bytes, err := get(t.address + path(tile.L, tile.N, tile.W))
		if err != nil {
			return nil, err
		}
		if t.spoil {
			bytes[0] ^= 1
		}
		found = append(found, bytes)
	}
	return found, nil
}

func path(level int, index int64, width int) string {
	groups := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		groups = fmt.Sprintf("x%03d/%s", index%1000, groups)
	}
	row := strconv.Itoa(level)
	if level < 0 {
		row = "entries"
	}
	if width < 256 {
		groups += fmt.Sprintf(".p/%d", width)
	}
	return "/log/tile/" + row + "/" + groups
}

func get(address string) ([]byte, error) {
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	bytes, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, answer.Status)
	}
	return bytes, err
}

// open reads a checkpoint that the log's key signed.
func open(signed []byte, keys note.Verifiers) (tlog.Tree, error) {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("the root is no hash: %v", err)
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

func entries(address string, size int64) [][]byte {
	var all [][]byte
	for bundle := int64(0); bundle*256 < size; bundle++ {
		width := int(min(size-bundle*256, 256))
		bytes, err := get(address + path(-1, bundle, width))
		must(err)
		for len(bytes) > 0 {
			length := int(binary.BigEndian.Uint16(bytes))
			all = append(all, bytes[2:2+length])
			bytes = bytes[2+length:]
		}
	}
	if int64(len(all)) != size {
		must(fmt.Errorf("the bundles have %d entries, the checkpoint %d", len(all), size))
	}
	return all
}

func must(err error) {
	if err != nil {
		fmt.Println("FAILED golang.org/x/mod/sumdb:", err)
		os.Exit(1)
	}
}

func refused(what string, err error) {
	if err == nil {
		must(fmt.Errorf("%s was accepted", what))
	}
}

func main() {
	address, key, olderFile := os.Args[1], os.Args[2], os.Args[3]
	verifier, err := note.NewVerifier(key)
	must(err)
	keys := note.VerifierList(verifier)
	signed, err := get(address + "/log/checkpoint")
	must(err)
	tree, err := open(signed, keys)
	must(err)
	hashes := tlog.TileHashReader(tree, tiles{address: address})
	all := entries(address, tree.N)
	for index, entry := range all {
		proof, err := tlog.ProveRecord(tree.N, int64(index), hashes)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), tlog.RecordHash(entry)))
		changed := append([]byte{entry[0] ^ 1}, entry[1:]...)
		refused("a changed entry", tlog.CheckRecord(proof, tree.N, tree.Hash, int64(index), tlog.RecordHash(changed)))
	}
	olderSigned, err := os.ReadFile(olderFile)
	must(err)
	older, err := open(olderSigned, keys)
	must(err)
	if older.N >= tree.N {
		must(fmt.Errorf("the older checkpoint is not older: %d, %d", older.N, tree.N))
	}
	continues, err := tlog.ProveTree(tree.N, older.N, hashes)
	must(err)
	must(tlog.CheckTree(continues, tree.N, tree.Hash, older.N, older.Hash))
	forged := older.Hash
	forged[0] ^= 1
	refused("another past", tlog.CheckTree(continues, tree.N, tree.Hash, older.N, forged))

	spoiled := tlog.TileHashReader(tree, tiles{address: address, spoil: true})
	_, err = tlog.ProveRecord(tree.N, 0, spoiled)
	refused("a changed tile", err)
	larger := strings.Replace(string(signed), fmt.Sprintf("\n%d\n", tree.N), fmt.Sprintf("\n%d\n", tree.N+1), 1)
	_, err = open([]byte(larger), keys)
	refused("a checkpoint of another size", err)
	fmt.Printf("passed golang.org/x/mod/sumdb: %d entries are included, and the log continues its first %d\n", tree.N, older.N)
}
