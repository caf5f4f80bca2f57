"""Names that are places, whatever stands around them: countries, and the regions and cities most in the news."""

_COUNTRIES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahamas|Bahrain|Bangladesh|
Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|Bosnia|Botswana|Brazil|Britain|Brunei|Bulgaria|Burkina Faso|
Burundi|Cambodia|Cameroon|Canada|Chile|China|Colombia|Congo|Costa Rica|Croatia|Cuba|Cyprus|Czech Republic|Czechia|
Denmark|Djibouti|Dominican Republic|Ecuador|Egypt|El Salvador|England|Eritrea|Estonia|Eswatini|Ethiopia|Fiji|Finland|
France|Gabon|Gambia|Germany|Ghana|Great Britain|Greece|Grenada|Guatemala|Guinea|Guyana|Haiti|Honduras|Hong Kong|
Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Ivory Coast|Jamaica|Japan|Jordan|Kazakhstan|Kenya|
Kosovo|Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|Macedonia|
Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Mauritania|Mauritius|Mexico|Moldova|Monaco|Mongolia|Montenegro|Morocco|
Mozambique|Myanmar|Namibia|Nepal|Netherlands|New Zealand|Nicaragua|Niger|Nigeria|North Korea|North Macedonia|
Northern Ireland|Norway|Oman|Pakistan|Palestine|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Poland|Portugal|Qatar|
Romania|Russia|Rwanda|Saudi Arabia|Scotland|Senegal|Serbia|Sierra Leone|Singapore|Slovakia|Slovenia|Somalia|
South Africa|South Korea|South Sudan|Soviet Union|Spain|Sri Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|
Tajikistan|Tanzania|Thailand|Tibet|Togo|Tonga|Trinidad|Tunisia|Turkey|Turkmenistan|U.K.|U.S.|UK|US|USA|Uganda|Ukraine|
United Arab Emirates|United Kingdom|United States|Uruguay|Uzbekistan|Vatican|Venezuela|Vietnam|Wales|West Germany|Yemen|
Zambia|Zimbabwe
"""
_REGIONS = """
Africa|Alabama|Alaska|America|Antarctica|Arctic|Arizona|Arkansas|Asia|Balkans|California|Catalonia|Colorado|
Connecticut|Crimea|Delaware|Europe|Florida|Gaza|Gulf|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kashmir|Kentucky|
Latin America|Louisiana|Maine|Maryland|Massachusetts|Michigan|Middle East|Minnesota|Mississippi|Missouri|Montana|
Nebraska|Nevada|New England|New Hampshire|New Jersey|New Mexico|New South Wales|North America|North Carolina|
North Dakota|Ohio|Oklahoma|Ontario|Oregon|Pennsylvania|Quebec|Queensland|Rhode Island|Scandinavia|Siberia|
Silicon Valley|South America|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Wall Street|West Bank|
West Virginia|Westminster|Wisconsin|Wyoming|Xinjiang
"""
_CITIES = """
Abu Dhabi|Amsterdam|Ankara|Athens|Atlanta|Auckland|Baghdad|Bangkok|Barcelona|Beijing|Beirut|Belfast|Belgrade|Berlin|
Birmingham|Bogota|Boston|Brasilia|Brussels|Bucharest|Budapest|Buenos Aires|Cairo|Canberra|Cape Town|Caracas|Chicago|
Copenhagen|Dallas|Damascus|Davos|Delhi|Denver|Detroit|Dhaka|Doha|Dubai|Dublin|Edinburgh|Frankfurt|Geneva|Glasgow|
Hanoi|Havana|Helsinki|Hollywood|Houston|Islamabad|Istanbul|Jakarta|Jerusalem|Johannesburg|Kabul|Karachi|Kiev|Kyiv|
Lagos|Las Vegas|Lima|Lisbon|London|Los Angeles|Madrid|Manila|Melbourne|Mexico City|Miami|Milan|Minneapolis|Montreal|
Moscow|Mumbai|Munich|Nairobi|New Delhi|New Orleans|New York|New York City|Oslo|Ottawa|Paris|Philadelphia|Prague|
Pyongyang|Reykjavik|Rio de Janeiro|Riyadh|Rome|Rotterdam|San Diego|San Francisco|Santiago|Sao Paulo|Seattle|Seoul|
Shanghai|Sofia|Stockholm|Strasbourg|Sydney|Taipei|Tallinn|Tehran|Tel Aviv|The Hague|Tokyo|Toronto|Tripoli|Vancouver|
Venice|Vienna|Vilnius|Warsaw|Washington|Zurich
"""

PLACES = frozenset("".join((_COUNTRIES, "|", _REGIONS, "|", _CITIES)).replace("\n", "").split("|"))
