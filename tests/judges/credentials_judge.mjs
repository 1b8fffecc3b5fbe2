// Digital Bazaar's verifiers of credentials and of status lists, offline: `node credentials_judge.mjs FOLDER`.

import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {contexts} from '@digitalbazaar/credentials-context';
import {createRequire} from 'node:module';
import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {verifyCredential} from '@digitalbazaar/vc';

const {packages} = createRequire(import.meta.url)('./package-lock.json');
const versionOf = name => `${name} ${packages[`node_modules/${name}`].version}`;
const name = `${versionOf('@digitalbazaar/vc')} with ${versionOf('@digitalbazaar/vc-bitstring-status-list')}`;
const folder = process.argv[2];
const didDocument = read('did.json');

function read(...path) {
  return JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
}

// Contexts from the package that ships them, the issuer from its DID document, the lists as of one time.
function loaderOf(stage) {
  const lists = readdirSync(join(folder, stage)).map(file => read(stage, file));
  return async url => {
    const document = contexts.get(url) ?? lists.find(list => list.id === url) ?? (url === didDocument.id ?
      didDocument : didDocument.verificationMethod.find(method => method.id === url));
    if(!document) {
      throw new Error(`${url} is not at hand`);
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}

// What the verifier says of a credential: refused, or what the lists say of it.
async function verdict(credential, stage) {
  const suite = new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()});
  const documentLoader = loaderOf(stage);
  const {verified, error, statusResult} = await verifyCredential({credential, suite, documentLoader, checkStatus});
  if(!verified) {
    return `refused: ${(error?.errors ?? [error]).map(one => one?.message ?? String(one)).join('; ')}`;
  }
  if(statusResult?.verified !== true) {
    return `unlisted: ${statusResult?.error?.message}`;
  }
  const set = statusResult.results.filter(({status}) => status).map(one => one.credentialStatus.statusPurpose);
  return set.join(' and ') || 'good';
}

const faults = [];
for(const [stage, expected] of Object.entries({
  before: {stayed: 'good', excluded: 'good', suspended: 'good'},
  after: {stayed: 'good', excluded: 'revocation', suspended: 'suspension'},
})) {
  for(const [member, wanted] of Object.entries(expected)) {
    const found = await verdict(read('credentials', `${member}.json`), stage);
    if(found !== wanted) {
      faults.push(`the credential of the member that ${member} is ${found} ${stage} the decisions, not ${wanted}`);
    }
  }
}
const tampered = readdirSync(join(folder, 'tampered'));
if(tampered.length === 0) {
  throw new Error('tampered is empty: nothing to judge');
}
for(const file of tampered) {
  // What names another list is refused by its signature all the same.
  const found = await verdict(read('tampered', file), 'before');
  if(!found.startsWith('refused')) {
    faults.push(`${file}, which was tampered with, is ${found}`);
  }
}

for(const fault of faults) {
  console.log(`  ${name}: ${fault}`);
}
console.log(faults.length > 0 ?
  `FAILED ${name}: ${faults.length} faults` :
  `passed ${name}: 3 credentials, then one revoked and one suspended; ${tampered.length} tampered copies refused`);
process.exitCode = faults.length > 0 ? 1 : 0;
