/** Words that tell names of people from names of places: the commonest of Delhi, in Latin letters and Devanagari. Ours, by hand. */

const nameWords =
  wordSet(`kumar kumari singh devi sharma verma gupta khan begum bano khatoon ram lal prasad mohd mohammad mohammed md
 abdul ahmed ahmad ali hussain ansari qureshi siddiqui sheikh shaikh syed jain agarwal aggarwal yadav chauhan rajput mishra pandey
 tiwari dubey shukla srivastava saxena mathur kaur gill sethi arora kapoor malhotra chopra bhatia mehta negi rawat bisht joshi pal
 das dass roy ghosh bose sen nair menon iyer reddy rao naidu pillai thomas george joseph john mathew fernandes chand chandra nath
 rani bai wati vati kishore babu sahu saini soni rathore thakur meena gurjar jatav paswan mandal jha sinha choudhary chaudhary
 chowdhury malik raza akhtar parveen bibi nisha fatima amit anil sunil rajesh suresh ramesh mahesh dinesh mukesh rakesh sanjay vijay
 ajay ashok vinod manoj deepak rahul rohit mohit ravi arun pooja neha priya sunita anita kavita geeta seema meera rekha asha usha
 lata radha sita maya manju anju renu jyoti aarti preeti sarita savita mamta babita poonam kiran imran salman irfan shabana rukhsana
 mohan sohan gopal shyam krishna hari om jai dev raj prem harpreet gurpreet manpreet jaswinder baldev surjit kuldeep pradeep sandeep
 कुमार कुमारी सिंह देवी शर्मा वर्मा गुप्ता खान बेगम बानो खातून राम लाल प्रसाद मोहम्मद अली अंसारी यादव चौहान मिश्रा पांडे तिवारी कौर रानी बाई
 श्री श्रीमती सुनीता अनीता गीता सीता राजेश सुरेश रमेश महेश दिनेश संजय विजय अजय अशोक मोहन श्याम कृष्ण चंद दास पाल जैन अहमद हुसैन मोहन सोनी`);
const femaleWords =
  wordSet(`devi kumari begum bano khatoon kaur rani bai wati vati bibi nisha fatima parveen smt ms mrs miss km baby
 sunita anita pooja neha priya kavita rekha geeta seema meena savita mamta babita poonam asha usha lata lakshmi saraswati parvati radha
 sita maya manju anju renu jyoti aarti preeti deepa shobha pushpa kamla vimla sheela shanti kusum sarita nirmala urmila sushila bimla
 rajni ritu swati shweta sneha divya komal kajal khushi muskan payal sonam shabana rukhsana nasreen yasmin ayesha zainab simran harleen
 देवी कुमारी बेगम बानो खातून कौर रानी बाई श्रीमती सुनीता अनीता पूजा नेहा प्रिया कविता रेखा गीता सीमा मीना सविता ममता बबीता पूनम आशा उषा लता`);
const maleWords =
  wordSet(`shri sri mr master mst singh mohd mohammad md abdul lal prasad ram kumar babu amit anil sunil rajesh suresh ramesh mahesh
 dinesh mukesh rakesh sanjay vijay ajay ashok vinod manoj deepak rahul rohit mohit ravi arun imran salman irfan mohan sohan gopal shyam
 krishna hari chand nath pal pradeep sandeep naresh satish yogesh lokesh umesh gaurav nitin ankit karan arjun harish jagdish om bharat
 श्री सिंह मोहम्मद लाल प्रसाद राम कुमार राजेश सुरेश रमेश महेश दिनेश संजय विजय अजय अशोक मोहन श्याम कृष्ण चंद पाल`);

const cities = wordSet(
  `delhi newdelhi noida gurgaon gurugram ghaziabad faridabad sonipat sonepat meerut rohtak bahadurgarh mumbai kolkata lucknow kanpur patna jaipur agra panipat bulandshahr loni greaternoida olddelhi dilli दिल्ली नईदिल्ली नोएडा गाजियाबाद गुड़गांव गुरुग्राम फरीदाबाद`,
);
const districts = wordSet(
  `central centraldelhi east eastdelhi newdelhi north northdelhi northeast northeastdelhi northwest northwestdelhi shahdara south southdelhi southeast southeastdelhi southwest southwestdelhi west westdelhi ghaziabad gautambudhnagar gautambuddhanagar gurugram gurgaon faridabad sonipat rohtak jhajjar meerut baghpat bulandshahr पूर्वीदिल्ली पश्चिमीदिल्ली उत्तरीदिल्ली दक्षिणीदिल्ली मध्यदिल्ली शाहदरा`,
);
const states = wordSet(
  `delhi nctofdelhi newdelhi uttarpradesh up haryana bihar rajasthan uttarakhand punjab madhyapradesh mp westbengal jharkhand maharashtra himachalpradesh gujarat odisha assam kerala tamilnadu karnataka telangana andhrapradesh chhattisgarh दिल्ली उत्तरप्रदेश हरियाणा बिहार राजस्थान उत्तराखंड पंजाब`,
);
const placeWords =
  /\b(?:nagar|vihar|colony|enclave|bagh|puri|pur|gali|road|rd|marg|block|blk|sector|sec|h\.?\s?no|hno|house|plot|flat|village|vill|mohalla|chowk|extn?|extension|phase|pocket|pkt|park|kunj|ganj|garden|apartments?|society|camp|jhuggi|jj|street|lane|near|opp|floor|market|ghat|gaon|khurd|kalan)\b|नगर|विहार|कॉलोनी|कालोनी|गली|मार्ग|ब्लॉक|सेक्टर|मकान|गांव|मोहल्ला|पुरी|बाग|म\.?\s?न/iu;

/** Share of a text's words that are names of people: 0 to 1. */
export function nameTokenShare(text: string): number {
  return shareIn(text, nameWords);
}

/** More of a woman's name or of a man's: 1, -1, or 0 where neither is told. */
export function genderOfName(text: string): number {
  const words = wordsOf(text);
  if (words.some((word) => femaleWords.has(word))) return 1;
  return words.some((word) => maleWords.has(word)) ? -1 : 0;
}

/** A text with words of addresses: `H.No 12, Gali 3, Shastri Nagar`. */
export function isAddressText(text: string): boolean {
  return placeWords.test(text) || (/\d/.test(text) && /,/.test(text) && /\p{L}{3}/u.test(text));
}

/** A text that begins as a house's number does: `12/4`, `H.No. 7`, `B-23, ...`. */
export function isCityName(text: string): boolean {
  return cities.has(squashed(text));
}

export function isDistrictName(text: string): boolean {
  return districts.has(squashed(text));
}

export function isStateName(text: string): boolean {
  return states.has(squashed(text));
}

function squashed(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{M}]/gu, "");
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/[^\p{L}\p{M}]+/u);
}

function shareIn(text: string, list: ReadonlySet<string>): number {
  const words = wordsOf(text).filter((word) => word !== "");
  return words.length === 0 ? 0 : words.filter((word) => list.has(word)).length / words.length;
}

function wordSet(text: string): ReadonlySet<string> {
  return new Set(
    text
      .normalize("NFC")
      .split(/\s+/)
      .filter((word) => word !== ""),
  );
}

/** Words that Kruti Dev 010 makes of the commonest names: `dqekj` is कुमार, `nsoh` देवी. */
const krutiWords = wordSet(
  "dqekj nsoh flag jke yky izlkn 'kekZ oekZ xqIrk ;kno dqekjh flag csxe ckuks pUn nkl jktsk lqjs'k Jh Jherh firk uke iq:\"k efgyk",
);

/** Devanagari typed for the Kruti Dev font: without the font it is Latin letters and signs. */
export function isKrutiDevText(text: string): boolean {
  return text
    .split(/\s+/)
    .some(
      (word) =>
        krutiWords.has(word) ||
        (/^[a-zA-Z]+[;\\[\]'"][a-zA-Z]+$/.test(word) && /[kKzZ]$/.test(word)),
    );
}

const surnames =
  wordSet(`sharma verma gupta khan yadav jain agarwal aggarwal chauhan rajput mishra pandey tiwari dubey shukla srivastava
 saxena mathur gill sethi arora kapoor malhotra chopra bhatia mehta negi rawat bisht joshi roy ghosh bose sen nair menon iyer reddy
 rao naidu pillai thomas fernandes sahu saini soni rathore thakur gurjar jatav paswan mandal jha sinha choudhary chaudhary chowdhury
 malik ansari qureshi siddiqui singh शर्मा वर्मा गुप्ता खान यादव जैन मिश्रा पांडे तिवारी सिंह चौहान`);

/** A family name and nothing else. */
export function isSurname(text: string): boolean {
  return surnames.has(text.trim().toLowerCase());
}
