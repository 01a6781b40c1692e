/**
 * Suffixes under which strangers can register names: a wildcard over one of them hands a secret to anybody. A bounded
 * list of the ones that matter to API credentials, not the whole Public Suffix List; every single label counts as one.
 *
 * @module
 */

// Names whose direct children belong to different owners.
const SHARED = new Set(
  `co.uk org.uk ac.uk gov.uk me.uk ltd.uk com.au net.au org.au co.nz co.jp ne.jp or.jp com.br com.cn net.cn com.hk com.tw
co.kr co.in com.mx com.ar com.tr co.za com.sg com.my com.ua eu.org us.com
workers.dev pages.dev r2.dev trycloudflare.com cfargotunnel.com cloudfront.net awsapprunner.com elasticbeanstalk.com
azurewebsites.net azurestaticapps.net azure-api.net azureedge.net azurefd.net trafficmanager.net openai.azure.com
cognitiveservices.azure.com web.app firebaseapp.com appspot.com run.app cloudfunctions.net googleusercontent.com
github.io githubusercontent.com github.dev gitlab.io bitbucket.io vercel.app now.sh netlify.app netlify.com herokuapp.com
herokussl.com fly.dev onrender.com railway.app up.railway.app render.com glitch.me replit.app repl.co replit.dev
deno.dev deno.net val.run ngrok.io ngrok.app ngrok.dev ngrok-free.app ngrok-free.dev loca.lt localhost.run serveo.net
supabase.co hf.space modal.run streamlit.app surge.sh stackblitz.io webcontainer.io codesandbox.io csb.app
digitaloceanspaces.com ondigitalocean.app backblazeb2.com wasabisys.com oraclecloudapps.com myshopify.com
atlassian.net zendesk.com blogspot.com wordpress.com webflow.io wixsite.com pipedream.net requestbin.net webhook.site
oast.fun oast.live oast.me oast.pro oast.site interact.sh beeceptor.com duckdns.org no-ip.org dyndns.org sslip.io nip.io
xip.io traefik.me lvh.me cloudapp.net b-cdn.net fastly.net edgesuite.net akamaized.net`.split(/\s+/),
);

// Names below which such suffixes go on at changing depth (regions, services), so that every wildcard is refused.
const SHARED_AT_ANY_DEPTH = [
  "amazonaws.com",
  "amazonaws.com.cn",
  "on.aws",
  "core.windows.net",
  "cloudapp.azure.com",
  "azurecontainerapps.io",
  "googleapis.com",
  "oraclecloud.com",
  "appdomain.cloud",
];

/** Whether names below a normalised host may belong to different owners. */
export function isPublicSuffix(host: string): boolean {
  return !host.includes(".") || SHARED.has(host) ||
    SHARED_AT_ANY_DEPTH.some((deep) => host === deep || host.endsWith(`.${deep}`));
}
