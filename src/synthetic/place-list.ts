/** Localities of Delhi with PIN code and district; the house numbers are invented. */

export interface Place {
  readonly locality: string;
  readonly local: string;
  readonly pinCode: string;
  readonly district: string;
}

const lines = `Yamuna Vihar|यमुना विहार|110053|North East
Shahdara|शाहदरा|110032|Shahdara
Seelampur|सीलमपुर|110053|North East
Mustafabad|मुस्तफ़ाबाद|110094|North East
Laxmi Nagar|लक्ष्मी नगर|110092|East
Mayur Vihar Phase-1|मयूर विहार|110091|East
Trilokpuri|त्रिलोकपुरी|110091|East
Pandav Nagar|पांडव नगर|110092|East
Daryaganj|दरियागंज|110002|Central
Paharganj|पहाड़गंज|110055|Central
Chandni Chowk|चांदनी चौक|110006|Central
Sadar Bazar|सदर बाज़ार|110006|Central
Karol Bagh|करोल बाग|110005|Central
Patel Nagar|पटेल नगर|110008|Central
Civil Lines|सिविल लाइन्स|110054|Central
Timarpur|तिमारपुर|110054|Central
Burari|बुराड़ी|110084|Central
Model Town|मॉडल टाउन|110009|North
Narela|नरेला|110040|North
Bawana|बवाना|110039|North
Alipur|अलीपुर|110036|North
Rohini Sector-3|रोहिणी सेक्टर 3|110085|North West
Rohini Sector-16|रोहिणी सेक्टर 16|110089|North West
Jahangirpuri|जहांगीरपुरी|110033|North West
Shalimar Bagh|शालीमार बाग|110088|North West
Pitampura|पीतमपुरा|110034|North West
Sultanpuri|सुल्तानपुरी|110086|North West
Mangolpuri|मंगोलपुरी|110083|North West
Nangloi|नांगलोई|110041|West
Punjabi Bagh|पंजाबी बाग|110026|West
Rajouri Garden|राजौरी गार्डन|110027|West
Tilak Nagar|तिलक नगर|110018|West
Uttam Nagar|उत्तम नगर|110059|West
Vikaspuri|विकासपुरी|110018|West
Janakpuri|जनकपुरी|110058|West
Dwarka Sector-7|द्वारका सेक्टर 7|110075|South West
Najafgarh|नजफगढ़|110043|South West
Palam|पालम|110045|South West
Mahipalpur|महिपालपुर|110037|South West
R K Puram|आर के पुरम|110022|New Delhi
Sarojini Nagar|सरोजिनी नगर|110023|New Delhi
Hauz Khas|हौज़ खास|110016|South
Malviya Nagar|मालवीय नगर|110017|South
Mehrauli|महरौली|110030|South
Saket|साकेत|110017|South
Sangam Vihar|संगम विहार|110080|South
Ambedkar Nagar|अंबेडकर नगर|110062|South
Lajpat Nagar|लाजपत नगर|110024|South East
Okhla|ओखला|110025|South East
Jamia Nagar|जामिया नगर|110025|South East
Kalkaji|कालकाजी|110019|South East
Govindpuri|गोविंदपुरी|110019|South East
Badarpur|बदरपुर|110044|South East
Tughlakabad|तुगलकाबाद|110044|South East`;

function placeOf(line: string): Place {
  const [locality = "", local = "", pinCode = "", district = ""] = line.split("|");
  return { locality, local, pinCode, district };
}

const first: Place = placeOf("Bhajanpura|भजनपुरा|110053|North East");
export const places: readonly [Place, ...Place[]] = [first, ...lines.split("\n").map(placeOf)];
